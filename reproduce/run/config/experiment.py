"""The keys that every experiment has, and what each measure needs."""

from dataclasses import dataclass

from reproduce.run.config.key import key, positive_whole


@dataclass(frozen=True)
class Needs:
    """What a measure needs: a schema, a task, links (sender, receiver) and biases of the net."""

    schema: str
    task: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    biases: bool = False


FAMILY_LINKS = (
    *(("person", "person_code"), ("relation", "relation_code")),
    *(("person_code", "central"), ("relation_code", "central")),
    *(("central", "penultimate"), ("penultimate", "answer")),
)
MEASURE_NEEDS = {
    "symmetry": Needs("units", "symmetry", (("input", "hidden"), ("hidden", "output")), True),
    "xor": Needs("units", "xor", (), True),
    "landscape": Needs("units"),
    "generalization": Needs("units"),
    "hidden_units": Needs("units", None, (("input", "hidden"),)),
    "family_trees": Needs("units", "family_trees", FAMILY_LINKS),
    "encoder": Needs("units", "encoder", (("input", "hidden"),)),
    "t_c": Needs("units", "t_c", (("retina", "hidden"),)),
    "shift_register": Needs("units", None, (("ring", "ring"),), True),
    "iterated": Needs("iterated"),
    "equations": Needs("equations"),
    "minimizer": Needs("minimizer"),
    "parameters": Needs("transformer"),
    "block": Needs("block"),
    "heads_cost": Needs("heads_cost"),
    "complexity": Needs("complexity"),
    "scaling": Needs("scaling"),
    "positions": Needs("positions"),
    "schedule": Needs("schedule"),
    "smoothing": Needs("smoothing"),
    "training_cost": Needs("training_cost"),
    **{
        task: Needs(task)
        for task in (*("copy", "sort", "induction", "characters", "head_roles", "distance"),)
    },
}


@dataclass
class Experiment:
    """The keys that every experiment has."""

    name: str = key("", "the experiment's own name, set from experiment=", lambda v: True)
    measure: list[str] = key(
        [],
        f"a list of different names out of {', '.join(MEASURE_NEEDS)}",
        lambda v: set(v) <= {*MEASURE_NEEDS} and len(set(v)) == len(v),
    )
    replicas: int = positive_whole(1000)
    seed: int = key(0, "a whole number from 0 up", lambda v: v >= 0)
    device: str = key(
        "auto", "auto, cpu, cuda or meta", lambda v: v in ("auto", "cpu", "cuda", "meta")
    )
    dtype: str = key("float32", "float32 or float64", lambda v: v in ("float32", "float64"))
    out: str = key("runs", "a folder that can be written", bool)
    rerun: bool = key(False, "true or false", lambda v: True)
