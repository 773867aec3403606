"""Huge pages: asked for where the kernel gives them to those who ask."""

import pytest

from nichandle.config.installation import hugepages


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel with this line in transparent_hugepage/enabled; none without a line."""

    def offers(line):
        file = tmp_path / "enabled"
        if line:
            file.write_text(line)
        monkeypatch.setattr(hugepages, "ENABLED", file)
        return file

    return offers


@pytest.mark.parametrize(
    ("line", "libc", "words"),
    [
        ("[always] madvise never\n", "glibc 2.36", ""),
        ("[always] madvise never\n", "glibc 2.31", ""),
        ("always [madvise] never\n", "glibc 2.36", ""),
        ("always [madvise] never\n", "glibc 2.35", ""),
        ("always [madvise] never\n", "glibc 2.34", "glibc 2.35"),
        ("always [madvise] never\n", "", "glibc 2.35"),
        ("always madvise [never]\n", "glibc 2.36", "the kernel offers none"),
        ("", "glibc 2.36", "the kernel offers none"),
    ],
)
def test_what_kernel_and_library_give_decides(kernel, line, libc, words):
    told = hugepages.trouble(enabled=kernel(line), libc=libc)
    assert words in told
    assert bool(words) is bool(told)


def test_a_web_process_asks_for_them_and_keeps_what_an_operator_tuned(kernel, monkeypatch):
    monkeypatch.setattr(hugepages, "trouble", str)
    ask = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    assert hugepages.tunables({}) == ask
    assert hugepages.tunables({"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"}) == {
        "GLIBC_TUNABLES": "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1"
    }
    assert hugepages.tunables({"GLIBC_TUNABLES": "glibc.malloc.hugetlb=0"}) == {}


def test_where_there_are_none_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(hugepages, "trouble", lambda: "the kernel offers none")
    assert hugepages.tunables({}) == {}
