import pytest

from argmine.inputs import find_inputs, name_inputs

SUFFIXES = (".pdf", ".txt", ".md")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.pdf", "b.TXT", "sub/c.md", "sub/README.md", ".hidden.pdf", "sub/.git/d.pdf", "notes.doc"):
        path = tmp_path / "papers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "papers"


def names(paths):
    return [p.name for p in paths]


def test_a_folder_is_searched_to_the_bottom_without_hidden_and_other_files(folder):
    paths, errors = find_inputs(["papers"], SUFFIXES)
    assert (names(paths), errors) == (["a.pdf", "b.TXT", "c.md"], [])


def test_what_is_excluded_is_left_out(folder):
    paths, _ = find_inputs(["papers"], SUFFIXES, exclude=["papers/sub"])
    assert names(paths) == ["a.pdf", "b.TXT"]


def test_a_hidden_folder_above_the_papers_hides_nothing(tmp_path):
    papers = tmp_path / ".cache" / "papers"
    papers.mkdir(parents=True)
    (papers / "a.pdf").touch()
    assert names(find_inputs([str(papers)], SUFFIXES)[0]) == ["a.pdf"]


def test_globs_are_expanded(folder):
    assert names(find_inputs(["papers/*.pdf"], SUFFIXES)[0]) == ["a.pdf"]


def test_a_file_that_is_named_is_taken_whatever_its_suffix(folder):
    assert names(find_inputs(["papers/notes.doc"], SUFFIXES)[0]) == ["notes.doc"]


def test_a_paper_given_twice_is_done_once(folder):
    assert names(find_inputs(["papers/a.pdf", "papers/../papers/a.pdf", "papers/*.pdf"], SUFFIXES)[0]) == ["a.pdf"]


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("nowhere.pdf", "nowhere.pdf: does not exist"),
        ("papers/*.xml", "papers/*.xml: matches no paper"),
        ("empty", "empty: is a folder without papers; put files of these kinds into it: .md, .pdf, .txt"),
    ],
)
def test_what_gives_no_paper_is_one_error_that_says_why(folder, spec, reason):
    (folder.parent / "empty").mkdir()
    paths, errors = find_inputs([spec, "papers/a.pdf"], SUFFIXES)
    assert names(paths) == ["a.pdf"]
    assert [str(e).startswith(reason) for e in errors] == [True]


def test_outputs_are_named_by_the_stem(folder):
    assert [i.stem for i in name_inputs([folder / "a.pdf", folder / "sub/c.md"])] == ["a", "c"]


def test_two_papers_of_one_stem_both_get_part_of_their_digest(folder):
    (folder / "a.txt").write_text("other")
    named = name_inputs([folder / "a.pdf", folder / "a.txt"])
    assert [i.stem for i in named] == [f"a-{i.sha256[:8]}" for i in named]
    assert named[0].stem != named[1].stem


def test_stems_that_differ_by_case_alone_are_kept_apart(folder):
    (folder / "A.md").write_text("other")
    assert len({i.stem.casefold() for i in name_inputs([folder / "a.pdf", folder / "A.md"])}) == 2


def test_a_paper_json_is_named_by_its_folder(tmp_path):
    path = tmp_path / "cables" / "paper.json"
    path.parent.mkdir()
    path.write_text("{}")
    assert name_inputs([path])[0].stem == "cables"
