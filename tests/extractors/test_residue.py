import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.residue import is_byline, is_clock, without_residue

ARTICLE = [
    "Baku recalled its envoy on Friday, the ministry said.",
    "Moscow called the step unfriendly and promised an answer.",
]


@pytest.mark.parametrize(
    "line",
    [
        "Read also: Missile strikes reported near Kyiv",
        "Also on example.com Journalists threatened with arrest",
        "Читайте также: В Ереване прошли протесты",
        "По теме:",
        "Həmçinin oxuyun: Bakıda yeni nazir",
        "İlgili haberler",
        "Կարդացեք նաև՝ Երևանում",
        "წაიკითხეთ ასევე: თბილისში",
        "بیشتر بخوانید: خبر دیگر",
        "Follow us on Telegram and Facebook",
        "Подписывайтесь на наш телеграм-канал",
        "Заметили ошибку? Выделите её и нажмите Ctrl+Enter",
        "Tags: Baku, Moscow, war",
        "Теги: Баку, Москва",
        "© 2026 Example News. All rights reserved.",
        "Photo: Reuters",
        "Фото: Пресс-служба МИД",
        "3 min read",
        "Share this article",
    ],
)
def test_a_line_that_only_came_along_goes_wherever_it_stands(line: str) -> None:
    assert without_residue([ARTICLE[0], line, ARTICLE[1]]) == ARTICLE
    assert without_residue([*ARTICLE, line]) == ARTICLE


@pytest.mark.parametrize(
    "line",
    [
        "Read the treaty carefully, the minister told parliament, because every word of it was paid for in blood and years.",
        "Follow the money, investigators said, and the trail leads to three companies in Dagestan that nobody had heard of.",
        "Photographs of the wreck were published by both ministries on Saturday.",
        "By Friday evening the border was closed.",
        "Читайте законы, сказал министр депутатам, и вы увидите, что никаких обязательств Баку на себя не брал никогда.",
        "14 January 2026 was the day the embassy closed.",
        "More than forty people were detained in Yekaterinburg.",
    ],
)
def test_a_sentence_that_begins_like_such_a_line_stays(line: str) -> None:
    assert without_residue([ARTICLE[0], line, ARTICLE[1]]) == [ARTICLE[0], line, ARTICLE[1]]
    assert without_residue([*ARTICLE, line]) == [*ARTICLE, line]


def test_a_list_of_links_goes_with_its_heading_and_another_list_stays() -> None:
    links = ["Read also:", "- Missile strikes near Kyiv", "- Protests in Yerevan"]
    points = ["The draft has two points.", "- Prisoners are exchanged.", "- Flights are resumed."]
    assert without_residue([ARTICLE[0], *links, ARTICLE[1]]) == ARTICLE
    assert without_residue([*ARTICLE, *points]) == [*ARTICLE, *points]


def test_bylines_and_clocks_go_from_the_edges_only() -> None:
    assert (
        without_residue(
            ["By Jane Roe", "2 March 2026, 14:05", *ARTICLE, "(Reporting by John Doe; editing by Jane Roe)"]
        )
        == ARTICLE
    )
    assert is_byline("Автор: Иван Иванов")
    assert not is_byline("By then nobody listened")
    assert is_clock("14 Jan 2026")
    assert not is_clock("On 14 January 2026 the embassy closed.")


@given(st.lists(st.text(max_size=80), max_size=12))
def test_what_is_left_is_part_of_what_was_given(lines: list[str]) -> None:
    left = iter(lines)
    assert all(any(line == other for other in left) for line in without_residue(lines))
