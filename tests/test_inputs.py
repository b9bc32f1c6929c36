import os
import unicodedata

import pytest

from argmine.errors import ReadError
from argmine.inputs import Skipped, find_inputs, name_inputs

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


KNOWN = {".doc": "is an old file; save it anew"}


@pytest.mark.parametrize("spec", ["papers", "papers/*"])
def test_a_file_of_a_kind_that_is_not_read_is_told_where_it_is_passed_over(folder, spec):
    paths, errors = find_inputs([spec], SUFFIXES, skipped=KNOWN)
    assert "a.pdf" in names(paths)
    assert [(type(e), str(e)) for e in errors] == [(Skipped, "papers/notes.doc: is an old file; save it anew")]


def test_a_folder_of_such_files_alone_holds_no_paper(folder):
    for path in folder.rglob("*"):
        if path.suffix.lower() in SUFFIXES:
            path.unlink()
    paths, errors = find_inputs(["papers"], SUFFIXES, skipped=KNOWN)
    assert (paths, [type(e) for e in errors]) == ([], [Skipped, ReadError])


def test_an_excluded_file_of_such_a_kind_is_not_told(folder):
    assert find_inputs(["papers"], SUFFIXES, exclude=["papers/notes.doc"], skipped=KNOWN)[1] == []


@pytest.mark.parametrize(
    "spec",
    ["https://example.org/a.pdf?download=1", "http://example.org/", "www.example.org/a.pdf", "doi:10.1000/182",
     "10.1000/182", "10.1016/S0140-6736(20)30183-5", "arXiv:2101.00001", "2101.00001", "2101.00001v2", "hep-th/9901001",
     "math.GT/0309136"],
)  # fmt: skip
def test_an_address_or_identifier_says_to_download_the_paper_first(folder, spec):
    paths, errors = find_inputs([spec, "papers/a.pdf"], SUFFIXES)
    assert names(paths) == ["a.pdf"]
    (error,) = errors
    assert str(error).startswith(f"{spec}: ")
    assert "download the paper first" in str(error)


def test_a_file_that_is_named_like_an_identifier_is_that_file(folder):
    (folder / "2101.00001").write_text("a")
    assert names(find_inputs(["papers/2101.00001"], SUFFIXES)[0]) == ["2101.00001"]


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


def stems(folder, *names):
    for n, name in enumerate(names):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(str(n))
    return [i.stem for i in name_inputs([folder / name for name in names])]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("CON.txt", "CON_"),
        ("aux.v2.pdf", "aux.v2_"),
        ("index.html.pdf", "index.html_"),
        ("Units.csv.txt", "Units.csv_"),
        ("map.json.pdf", "map.json_"),
        ("paper.json.pdf", "paper.json_"),
        ("a\nb\x1b[2J.txt", "a_b_[2J"),
        ("gpj\u202e.txt", "gpj_"),
        (". .pdf", "paper"),
        ("What is it? A: study.txt", "What is it? A: study"),
    ],
)
def test_names_that_are_no_folders_on_some_system_are_changed(tmp_path, name, stem):
    assert stems(tmp_path, name) == [stem]


def test_a_name_leaves_room_for_a_digest(tmp_path):
    long = stems(tmp_path, "é" * 125 + ".txt", "é" * 125 + ".md")
    assert len(set(long)) == 2
    assert all(len(stem.encode()) <= 255 for stem in long)


def test_stems_that_differ_by_how_an_accent_is_made_are_kept_apart(tmp_path):
    named = stems(tmp_path, "caf\u00e9.txt", "cafe\u0301.txt")
    assert len({unicodedata.normalize("NFC", stem) for stem in named}) == 2


def test_a_name_that_looks_like_anothers_with_its_digest_is_kept_apart(tmp_path):
    first = stems(tmp_path, "a.txt", "a.md")
    assert len(set(stems(tmp_path, "a.txt", "a.md", f"{first[0]}.txt"))) == 3


def test_the_same_file_under_the_same_name_is_done_once(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text("same")
    assert len(name_inputs([tmp_path / "x/a.txt", tmp_path / "y/a.txt"])) == 1


def test_what_cannot_be_read_has_a_folder_of_its_own_too(tmp_path):
    named = name_inputs([tmp_path / "x/a.txt", tmp_path / "y/a.txt"])
    assert len({i.stem for i in named}) == 2
    assert all("does not exist any more" in i.error for i in named)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.pdf")
    (given,) = name_inputs([tmp_path / "a.pdf"])
    assert given.error.endswith("a.pdf: is no file but a pipe or device; name a file")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(10 * 1024**3)
    (given,) = name_inputs([tmp_path / "a.pdf"], max_size=512)
    assert given.error.endswith("is 10,240 MiB large, and a paper may have 512; allow more with --max-file-size")


def test_a_name_that_is_no_text_is_refused_with_a_line_that_is(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"a\xff.txt")
    with open(path, "w") as file:
        file.write("x")
    (given,) = name_inputs(find_inputs([str(tmp_path)], SUFFIXES)[0])
    assert given.error.encode().endswith(rb"a\udcff.txt: has a name that is no text; give it another")
    assert given.stem == "a_"


def test_a_list_stands_for_the_papers_on_its_lines(tmp_path):
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_text(name)
    (tmp_path / "list.txt").write_text(f"{tmp_path}/b.pdf\n\n{tmp_path}/[c].pdf\n")
    paths, errors = find_inputs([f"@{tmp_path}/list.txt", f"{tmp_path}/a.pdf"], [".pdf"])
    assert [p.name for p in paths] == ["b.pdf", "c.pdf", "a.pdf"]
    assert not errors


def test_a_list_that_is_not_there_is_an_error(tmp_path):
    paths, errors = find_inputs([f"@{tmp_path}/list.txt"], [".pdf"])
    assert not paths
    assert "can't be read as a list of papers (No such file or directory)" in str(errors[0])


LEFT_OUT = "and links are followed only with --follow-links or where they are named"


@pytest.fixture
def linked(tmp_path):
    """A folder of one paper, and one beside it of another."""
    for name in ("papers/a.pdf", "elsewhere/b.pdf", "elsewhere/more/c.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "papers"


@pytest.mark.parametrize("spec", ["", "/*", "/**/*.pdf", "/**"])
def test_links_in_a_loop_cost_a_line_each_and_no_paper(linked, spec):
    (linked / "loop.pdf").symlink_to("loop.pdf")
    (linked / "there.pdf").symlink_to("back.pdf")
    (linked / "back.pdf").symlink_to("there.pdf")
    (linked / "loop.doc").symlink_to("loop.doc")
    (linked / "loop").symlink_to("loop")
    for name in ("x", "y", "z"):
        (linked / name).symlink_to(".")
    paths, errors = find_inputs([f"{linked}{spec}"], SUFFIXES)
    assert names(paths) == ["a.pdf"]
    told = [f"{linked}/{name}.pdf: is a link that leads nowhere; remove it" for name in ("back", "loop", "there")]
    assert [str(e) for e in errors] == told


def test_a_link_that_leads_nowhere_costs_a_line(linked):
    (linked / "gone.pdf").symlink_to("nowhere.pdf")
    paths, errors = find_inputs([str(linked)], SUFFIXES)
    assert (names(paths), [str(e) for e in errors]) == (
        ["a.pdf"],
        [f"{linked}/gone.pdf: is a link that leads nowhere; remove it"],
    )


def test_a_named_link_that_leads_nowhere_is_said_to_be_one(linked):
    (linked / "loop.pdf").symlink_to("loop.pdf")
    paths, errors = find_inputs([f"{linked}/loop.pdf"], SUFFIXES)
    assert (paths, [str(e) for e in errors]) == ([], [f"{linked}/loop.pdf: is a link that leads nowhere"])


@pytest.mark.parametrize("spec", ["", "/*", "/*.pdf", "/**/*.pdf"])
def test_a_link_out_of_the_folder_is_left_out_and_told(linked, spec):
    (linked / "b.pdf").symlink_to("../elsewhere/b.pdf")
    paths, errors = find_inputs([f"{linked}{spec}"], SUFFIXES)
    assert names(paths) == ["a.pdf"]
    assert [str(e) for e in errors] == [f"{linked}/b.pdf: leads to a file elsewhere, {LEFT_OUT}"]


@pytest.mark.parametrize("spec", ["", "/**/*.pdf"])
def test_a_linked_folder_elsewhere_is_left_out_and_told(linked, spec):
    (linked / "more").symlink_to("../elsewhere")
    paths, errors = find_inputs([f"{linked}{spec}"], SUFFIXES)
    assert names(paths) == ["a.pdf"]
    assert [str(e) for e in errors] == [f"{linked}/more: leads to a folder elsewhere, {LEFT_OUT}"]


def test_a_glob_through_a_linked_folder_takes_nothing_from_elsewhere(linked):
    (linked / "more").symlink_to("../elsewhere")
    paths, errors = find_inputs([f"{linked}/*/*.pdf"], SUFFIXES)
    assert (paths, [str(e) for e in errors]) == ([], [f"{linked}/more/b.pdf: leads to a file elsewhere, {LEFT_OUT}"])


@pytest.mark.parametrize("spec", ["", "/**/*.pdf"])
def test_links_are_followed_where_that_is_wanted_and_round_and_round_they_are_not(linked, spec):
    (linked / "more").symlink_to("../elsewhere")
    (linked.parent / "elsewhere" / "back").symlink_to("../papers")
    (linked.parent / "elsewhere" / "more" / "up").symlink_to("..")
    (linked / "d.pdf").symlink_to("../elsewhere/b.pdf")
    paths, errors = find_inputs([f"{linked}{spec}"], SUFFIXES, follow_links=True)
    assert names(paths) == ["a.pdf", "b.pdf", "c.pdf"]
    assert errors == []


def test_a_link_that_is_named_is_taken(linked):
    (linked / "b.pdf").symlink_to("../elsewhere/b.pdf")
    assert find_inputs([f"{linked}/b.pdf"], SUFFIXES) == ([linked / "b.pdf"], [])


def test_a_folder_that_is_a_link_and_named_is_searched(linked):
    (linked.parent / "l").symlink_to("papers")
    assert find_inputs([f"{linked.parent}/l"], SUFFIXES) == ([linked.parent / "l" / "a.pdf"], [])


def test_a_link_within_the_folder_is_the_paper_that_it_leads_to_once(linked):
    (linked / "sub").mkdir()
    (linked / "0.pdf").symlink_to("a.pdf")
    (linked / "sub" / "up").symlink_to("..")
    (linked / ".store").mkdir()
    (linked / ".store" / "sha").write_text("x")
    (linked / "kept.pdf").symlink_to(".store/sha")
    assert find_inputs([str(linked)], SUFFIXES) == ([linked / "a.pdf", linked / "kept.pdf"], [])


def test_an_excluded_link_is_not_told(linked):
    (linked / "b.pdf").symlink_to("../elsewhere/b.pdf")
    assert find_inputs([str(linked)], SUFFIXES, exclude=[f"{linked}/b.pdf"]) == ([linked / "a.pdf"], [])


def test_a_link_to_a_device_is_no_paper(linked):
    (linked / "b.pdf").symlink_to("/dev/zero")
    for follow in (False, True):
        assert names(find_inputs([str(linked)], SUFFIXES, follow_links=follow)[0]) == ["a.pdf"]


def test_a_folder_that_cannot_be_searched_is_told(linked, monkeypatch):
    (linked / "closed").mkdir()
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", closed)
    paths, errors = find_inputs([str(linked)], SUFFIXES)
    assert names(paths) == ["a.pdf"]
    assert [str(e) for e in errors] == [
        f"{linked}/closed: can't be searched (Permission denied); check its permissions"
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_list_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "list")
    _, errors = find_inputs([f"@{tmp_path}/list"], SUFFIXES)
    assert "can't be read as a list of papers (it is no file but a pipe or device)" in str(errors[0])
