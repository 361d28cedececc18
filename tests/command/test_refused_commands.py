"""What the command line refuses: in one line, with status 2, at once, without torch or a trace."""

import json
import os
import subprocess
import sys

import pytest

from reproduce.place import ROOT

SYMMETRY, XOR, SHIFT = (
    f"experiment={name}"
    for name in ("nature1986/symmetry", "pdp1986/xor", "nature1986/shift_register")
)
COPY, TEXT, TABLE_3 = (
    f"experiment=attention2017/{n}" for n in ("copy", "characters", "parameters")
)
SECRET = "what no refusal may print"
LONG = "1" * 400
AXIS = ",".join(f"{place / 400:g}" for place in range(1, 200))
GRID = [f"grid.{name}=[{AXIS}]" for name in ("epsilon", "alpha", "decay", "init")]
KEYS, LAUNCHER, GRAMMAR, EACH = "hydra.launcher.KEY", "joblib", "KEY=VALUE", "each once"
FLAG, WHOLE, MEMORY, GROUP = (
    "no such flag",
    "whole number",
    "GB that are free",
    "experiment=PAPER/NAME",
)

OF_HYDRA = [
    ["+hydra.callbacks.x={_target_:os.mkdir,path:made}", "_target_"],
    ["++hydra.callbacks={x:{_target_:os.mkdir,path:made}}", "_target_"],
    ["+hydra.callbacks.x.path=made", KEYS],
    ["hydra={callbacks:{x:{path:made}}}", KEYS],
    ["hydra.launcher._target_=os.mkdir", "_target_"],
    ["+x._target_=os.mkdir", "_target_"],
    ['network.groups={"_target_":os.mkdir}', "_target_"],
    ["hydra.nosuch=1", KEYS],
    ["~hydra.launcher", KEYS],
    ["hydra.run.dir=/proc/x", KEYS],
    ["hydra.searchpath=[file:///tmp]", KEYS],
    ["hydra.sweeper.max_batch_size=1", KEYS],
    ["hydra/sweeper=basic", KEYS],
    ["hydra/job_logging=default", KEYS],
    ["hydra/launcher=nosuch", LAUNCHER],
    ["hydra/launcher=joblib", "only with -m"],
    ["hydra/launcher@x=joblib", "without @"],
    ["experiment@x=nature1986/symmetry", "without @"],
    ["+experiment/nature1986=symmetry", GROUP],
    ["++experiment=pdp1986/xor", GROUP],
    ["+schema=copy", GROUP],
]
VALUES = [
    ["replicas=${oc.env:SECRET}", "replicas=${oc.env:SECRET}"],
    ["device=${oc.env:SECRET}", "device=${oc.env:SECRET}"],
    ["name=${oc.env:SECRET}", "name=${oc.env:SECRET}"],
    ["measure=[${oc.env:SECRET}]", "measure=", "${oc.env:SECRET}"],
    ['out="a ${oc.env:SECRET}"', "out=a ${oc.env:SECRET}"],
    ["out='${${device}:SECRET}'", "out=${${device}:SECRET}"],
    ["network.weights=${oc.decode:x}", "network.weights=${oc.decode:x}"],
    ["replicas=${hydra:runtime.cwd}", "replicas=${hydra:runtime.cwd}"],
    ["replicas=${nosuch}", "replicas=${nosuch}", WHOLE],
    ["replicas=${replicas}", "replicas=${replicas}", WHOLE],
    ["rule.epsilon=[${nosuch}]", "rule.epsilon=", "above 0"],
    ["device=${out}", "device=${out}", "meta"],
    ["grid.epsilon=${rule.epsilon}", "grid.epsilon=${rule.epsilon}", "numbers"],
    ["rule=${network}", "rule=${network}", "rule.epsilon"],
    ["rule=${nosuch}", "rule=${nosuch}", "rule.epsilon"],
    ["rule.epsilon=${rule}", "rule.epsilon=${rule}", "above 0"],
    ["network.groups=${network.links}", "network.groups=${network.links}", "names of groups"],
    ["run.keep_sweeps=[${seed},99999999]", "run.keep_sweeps=['${seed}', 99999999]", "run.sweeps="],
    [f"run.keep_sweeps=[{','.join(map(str, range(1, 20000)))}]", "run.keep_sweeps=[1, 2", "..."],
    [f"rule.epsilon={LONG}", "rule.epsilon=111", "above 0"],
    [f"rule.epsilon=-{LONG}", "rule.epsilon=-111", "above 0"],
    [f"task.target_on={LONG}", "task.target_on=111", "at most 1"],
    [f"replicas={LONG}", "replicas=111", WHOLE],
    [f"seed={LONG}", "seed=111", WHOLE],
    [f"network.groups.hidden={LONG}", "network.groups=", "9223372036854775807"],
    [f"run.keep_sweeps=[{LONG}]", "run.keep_sweeps=", "9223372036854775807"],
    [f"seed={LONG * 20}", "seed=111", GRAMMAR],
    ["replicas=1e400", "replicas=1e400", WHOLE],
    ["replicas=inf", "replicas=inf", WHOLE],
    ["network.init=-inf", "network.init=-inf", "from 0 up"],
    ["rule.decay=-0.0", "rule.decay=-0.0", "from 0 to below 1"],
    ["grid.decay=[0,-0.0]", "grid.decay=", "from 0 to below 1"],
    ["seed=\u0661", "seed=\u0661", GRAMMAR],
    ["rule.epsilon=" + "[" * 300 + "]" * 300, "rule.epsilon=[[[", "less deeply"],
    ["measure=[symmetry,symmetry]", "measure=", "different"],
    ["run.keep_sweeps=[5,5]", "run.keep_sweeps=", "different"],
    ["out=" + "x" * 5000, "out=xxx", "folder to write in"],
    ["out=deep/" + "x" * 300, "out=deep/x", "folder to write in"],
    ["out=two\nlines", "out=two lines", GRAMMAR],
    ["out=it's", "out=it's", "quotes"],
]
NOTHING = [
    ["replicas=???", "replicas=???", "a value"],
    ["rule={epsilon:???}", "rule={epsilon:???}", "a value"],
    ["rule.epsilon=[???]", "rule.epsilon=[???]", "a value"],
    ["replicas=", "replicas=", WHOLE],
    ["~replicas", "~replicas", "replicas=VALUE"],
    ["~replicas=5", "~replicas=5", "1000"],
    ["~rule", "~rule", "rule=VALUE"],
    ["~rule.epsilon", "~rule.epsilon", "rule.epsilon=VALUE"],
    ["~nosuch", "~nosuch", "does not exist"],
    ["+replicas=5", "+replicas=5", "already"],
    ["network.groups={}", "network.groups={}", "names of groups"],
    ["network={groups:{}}", "network.groups={}", "names of groups"],
    ["rule={}", "rule={}", "change nothing"],
    ["grid={}", "grid={}", "change nothing"],
    ["network.groups.hiden=3", "network.groups.hiden=3", "no such name"],
    ["++nosuch=1", "nosuch=1", "no such key"],
]
MEMORIES = [
    [SYMMETRY, "replicas=1000000000000"],
    [SYMMETRY, "network.groups.hidden=1000000000"],
    [SYMMETRY, *GRID],
    [COPY, "network.d_model=1000000"],
    [COPY, "replicas=1000000000000"],
    [COPY, "network.N=1000000000"],
    [COPY, "run.batch=1000000000000"],
    ["experiment=attention2017/recall", "task.train_cases=10000000000"],
    ["experiment=attention2017/positions", "network.positions=100000000"],
    ["experiment=nature1986/equations", "replicas=1000000000000"],
]
TEXTS = [
    ["/dev/zero", "no file"],
    ["/dev/null", "no file"],
    ["{folder}", "no file"],
    ["{folder}/pipe", "no file"],
    ["{folder}/binary", "no UTF-8 text"],
    ["{folder}/zeros", "zero bytes"],
    ["{folder}/empty", "empty"],
    ["{folder}/short", "characters"],
    ["{folder}/large", "more than 1,000,000,000 bytes"],
    ["/proc/kmsg", "empty"],
    ["{folder}/nosuch", "No such file"],
    ["x" * 300, "too long"],
    ["${oc.env:SECRET}", "${oc.env:SECRET}"],
]
SWEEPS = [
    ["seed=range(0)", "1 to 1,000"],
    ["seed=range(1000000000000)", "1 to 1,000"],
    ["seed=shuffle(range(1000000000000))", "1 to 1,000"],
    ["seed=range(0,1,0)", "1 to 1,000"],
    ["rule.epsilon=range(0,1,0.0)", "1 to 1,000"],
    ["seed=0,0", EACH],
    ["rule.epsilon=interval(.1,1)", "a,b,c"],
    ["seed=glob(*)", "a,b,c"],
    ["hydra/launcher=nosuch", LAUNCHER],
    ["hydra.launcher.nosuch=1", "no such key"],
    ["hydra.launcher.n_jobs=1,2", KEYS],
    ["hydra.launcher.x=${oc.env:SECRET}", "hydra.launcher.x=${oc.env:SECRET}"],
    ["hydra.sweep.dir=/proc/x", KEYS],
]
OTHERS = [
    [["nature1986/symmetry"], ["did you mean experiment=nature1986/symmetry"]],
    [["nature1986/symetry"], ["did you mean experiment=nature1986/symmetry"]],
    [["symmetry", "seed=1"], ["did you mean experiment=nature1986/symmetry"]],
    [["--nosuchflag"], ["--nosuchflag", FLAG, "--list"]],
    [[SYMMETRY, "--config-name=nosuch"], ["--config-name=nosuch", FLAG]],
    [[SYMMETRY, "--config-path", "x"], ["--config-path", FLAG]],
    [[SYMMETRY, "--config-dir=x"], ["--config-dir=x", FLAG]],
    [[SYMMETRY, "-cd", "x"], ["--cfg"]],
    [[SYMMETRY, "--experimental-rerun=x"], ["--experimental-rerun=x", FLAG]],
    [[SYMMETRY, "--mult"], ["--mult", FLAG]],
    [[SYMMETRY, "--cfg", "nosuch"], ["--cfg", "nosuch", "job"]],
    [[SYMMETRY, "--cfg", "job", "replicas=0"], ["replicas=0", WHOLE]],
    [[SYMMETRY, "--cfg", "job", "+hydra.callbacks.x={_target_:os.mkdir}"], ["_target_"]],
    [[SYMMETRY, "--cfg", "hydra"], ["--cfg", "hydra", "job"]],
    [["--cfg", "job"], ["experiment=", "nature1986/symmetry"]],
    [["-m", "--cfg", "job", SYMMETRY], ["-m", "--cfg"]],
    [[SYMMETRY, XOR], [SYMMETRY, XOR, "once"]],
    [[SYMMETRY, "seed=1", "++seed=2"], ["seed=1", "++seed=2", "once"]],
    [["-m", f"{XOR},nature1986/shift_register", "~network.like.second"], ["~network.like.second"]],
    [["-m", SYMMETRY, "seed=range(200)", "replicas=range(1,200)"], ["39,800", "1,000"]],
    [[SYMMETRY, "network.d_model=4"], ["network.d_model=4", "nature1986/symmetry", "sequence mod"]],
    [[SYMMETRY, "+network.d_model=4"], ["network.d_model=4", "nets of 1986", "sequence models"]],
    [[COPY, "rule.epsilon=1"], ["rule.epsilon=1", "sequence models", "nets of 1986"]],
    [[COPY, "task.text=x"], ["task.text=x", "copy", "characters"]],
    [[TEXT, "task.text=${out}"], ["task.text=${out}: "]],
    [
        [
            SYMMETRY,
            "seed=1",
            "out=$",
            "device={oc.env:SECRET}",
            "network.weights='${out}${device}'",
        ],
        ["network.weights=${out}${device}"],
    ],
    [[TABLE_3, "network.rows={}"], ["network.rows={}: D_dropout_0.0", "dot"]],
    [[TABLE_3, "~network.rows.base.N"], ["~network.rows.base.N"]],
]
REFUSED = [
    *[([SYMMETRY, word], named) for word, *named in (*OF_HYDRA, *VALUES, *NOTHING)],
    *[(words, [words[1].split("=")[0], MEMORY]) for words in MEMORIES if len(words) == 2],
    ([SYMMETRY, *GRID], ["1,568,239,201 points", MEMORY]),
    *[([TEXT, f"task.text={name}"], ["task.text=", *named]) for name, *named in TEXTS],
    *[(["-m", SYMMETRY, word], named) for word, *named in SWEEPS],
    *OTHERS,
]
PROGRAM = """
import contextlib, io, json, sys, time
from reproduce import command as program
program.job = lambda: print("a job began")
found = []
for words in json.load(sys.stdin):
    sys.argv[1:], out, err, clock = words, io.StringIO(), io.StringIO(), time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = program.main()
        except BaseException as error:
            status = repr(error)
    seconds = time.process_time() - clock
    found.append([status, out.getvalue(), err.getvalue(), seconds, "torch" in sys.modules])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder to stand in, with texts that are none."""
    folder = tmp_path_factory.mktemp("here")
    os.mkfifo(folder / "pipe")
    (folder / "binary").write_bytes(bytes(range(1, 256)) * 100)
    (folder / "zeros").write_bytes(bytes(10_000))
    (folder / "empty").touch()
    (folder / "short").write_text("short")
    with (folder / "large").open("wb") as file:
        file.truncate(10**12)
    return folder


@pytest.fixture(scope="module")
def ended(folder):
    """How each command of the table ended, and which files were there afterwards."""
    commands = [[word.replace("{folder}", str(folder)) for word in words] for words, _ in REFUSED]
    there = sorted(os.listdir(folder))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(commands),
        env=os.environ | {"SECRET": SECRET, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    assert sorted(os.listdir(folder)) == there
    return json.loads(run.stdout)


@pytest.mark.parametrize("place", range(len(REFUSED)), ids=[" ".join(r[0])[:70] for r in REFUSED])
def test_a_refusal_is_one_line_with_status_2_at_once_without_torch(ended, place):
    status, stdout, stderr, seconds, torch = ended[place]
    assert (status, stdout, stderr.count("\n"), torch) == (2, "", 1, False), stderr
    assert [word for word in REFUSED[place][1] if word not in stderr] == [], stderr
    assert "Traceback" not in stderr
    assert SECRET not in stderr
    assert seconds < 2
