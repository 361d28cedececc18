"""The commit that a record names is that of this project's own checkout, or none."""

import subprocess

import pytest

from reproduce.run import record

WHO = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]


def git(folder, *words: str) -> str:
    command = ["git", "-C", str(folder), *WHO, *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A small checkout that is taken for the project's."""
    root = tmp_path / "outer" / "project"
    (root / "reproduce").mkdir(parents=True)
    (root / "reproduce" / "formula.py").write_text("y = x\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    monkeypatch.setattr(record, "ROOT", root)
    return root


def test_a_clean_checkout_has_a_commit_and_no_change(checkout):
    assert record.commit() == (git(checkout, "rev-parse", "HEAD"), False)
    (checkout / "runs").mkdir()
    (checkout / "runs" / "record.json").write_text("{}")
    assert record.commit()[1] is False  # what runs write is no change of the program


def test_what_counts_as_changed_does_not_depend_on_the_settings_of_git(
    checkout, tmp_path, monkeypatch
):
    ignored = tmp_path / "ignored"
    ignored.write_text("*.py\n")
    settings = tmp_path / "settings"
    settings.write_text(
        f"[core]\nexcludesFile = {ignored}\n[status]\nshowUntrackedFiles = no\n", encoding="utf-8"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    git(checkout, "config", "status.showUntrackedFiles", "no")
    git(checkout, "config", "core.excludesFile", str(ignored))
    (checkout / "reproduce" / "new.py").write_text("y = 2 * x\n")
    assert record.commit() == (git(checkout, "rev-parse", "HEAD"), True)


def test_a_changed_mode_is_no_change(checkout):
    (checkout / "reproduce" / "formula.py").chmod(0o755)
    assert record.commit()[1] is False


def test_a_folder_that_is_unpacked_in_another_checkout_has_no_commit(
    checkout, tmp_path, monkeypatch
):
    inside = checkout / "unpacked"
    (inside / "reproduce").mkdir(parents=True)
    monkeypatch.setattr(record, "ROOT", inside)
    assert record.commit() == (None, None)


def test_a_repository_that_the_environment_names_is_not_taken_for_it(
    checkout, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setattr(record, "ROOT", other)
    monkeypatch.setenv("GIT_DIR", str(checkout / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert record.commit() == (None, None)
