"""Lines that come along with an article and are none of it: calls, links to other articles, bylines, tags, clocks.

They matter because they carry other articles' headlines into the text, and with them mentions that nobody wrote there.
A line goes only when all of it is such a line, so a paragraph that ends with a call to subscribe stays whole.
"""

import re
from collections.abc import Sequence

from extractors.dates import parse_date
from extractors.text import word_count

CALL_WORDS = 30  #: the longest call to subscribe seen has twenty-eight words; paragraphs that start like one are longer
LINK_WORDS = 25  #: `Read also:` and a headline
CREDIT_WORDS = 40  #: a news agency may name ten people
LONGEST = 400  #: characters that forty words may have; saves counting the words of every paragraph
HEAD_LINES = 4  #: bylines, clocks and labels stand above the first paragraph
TAIL_LINES = 8
CLOCK_LENGTH = 60  #: `Wednesday, 14 January 2026, 18:05 GMT+4` and a label


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# A line that sends readers to another article.
_LINK = _any(
    r"(?:read|see) (?:also|more|next|full|the full)\b",
    r"also (?:read|see|on)\b",
    r"read:",
    r"related(?: (?:post|article|story|stories|news|content|coverage|topics|links|reading)s?)?\W*(?::|$)",
    r"(?:you may|you might|you.ll) also (?:like|enjoy|love|want|be interested)\b",
    r"more (?:from|on|about|in|stories|news)\b.{0,60}(?<!\.)$",
    r"most (?:read|popular|viewed)\b.{0,40}$",
    r"(?:latest|recommended|recent|top|trending)(?: news| stories| articles| posts| videos| headlines)?\W*$",
    r"don.t miss\b",
    r"in case you missed",
    r"(?:watch|listen)(?: now| also| live| the video)?\s*[:|]",
    r"click here\b",
    r"(?:читайте|читать|смотрите|смотреть|слушайте) (?:также|далее|подробнее|ещ[её]|по теме)",
    r"читайте\s*:",
    r"(?:также )?по теме\s*(?::|$)",
    r"материалы по теме",
    r"(?:подробнее|ещ[её] по теме|рекомендуем|популярное|главное сегодня)\s*(?::|$)",
    r"(?:читайте|дивіться|читати) (?:також|більше)",
    r"(?:həmçinin|bunu da) (?:oxuyun|bax)",
    r"(?:oxşar|digər) xəbərlər",
    r"(?:ayrıca|bunu da) (?:bakınız|okuyun)|ilgili haber(?:ler)?\b|bunlar da ilginizi",
    r"(?:կարդացեք|կարդալ|դիտեք) նաև",
    r"(?:წაიკითხეთ|ნახეთ|იხილეთ) (?:ასევე|აგრეთვე)|ასევე (?:წაიკითხეთ|ნახეთ)",
    r"(?:بیشتر|همچنین) بخوانید|مطالب مرتبط|اخبار مرتبط",
    r"lesen sie (?:auch|mehr)|mehr zum thema|lire aussi|à lire (?:aussi|également)|le[ae] también"
    r"|leggi anche|leia (?:também|mais)",
)
# A line that asks readers to do something.
_CALL = _any(
    r"(?:follow|join|like|find|visit|connect with) (?:us|me|him|her|them|our|the|[A-Z@]).{0,120}"
    r"\b(?:twitter|facebook|instagram|telegram|whatsapp|youtube|linkedin|tiktok|viber|x|threads|bluesky"
    r"|channel|group)\b",
    r"(?:subscribe|sign up|sign-up|register)\b.{0,160}\b(?:newsletters?|inbox|channel|rss|telegram"
    r"|updates|alerts|email|e-mail|podcast|free)\b",
    r"(?:get|receive|want) (?:the|our|all|access|more|breaking|daily|top|up)\b.{0,160}\b(?:inbox"
    r"|newsletters?|subscription|app|delivered|email)\b",
    r"(?:share|save|print|email|tweet|copy)(?: (?:this|on|via|link|article|story|post|page|it).{0,30})?\W*$",
    r"like this (?:story|article|post)\?",
    r"(?:leave|post|write|add) (?:a |your )?(?:comment|reply)\b",
    r"(?:\d+ )?comments?(?: \(\d+\)| off.{0,40})?\W*$",
    r"(?:view|show|load|hide|see) (?:all |more )?comments?\W*$",
    r"tell us what you think",
    r"have (?:a|any) (?:tip|story|question|news tip)s?\b.{0,200}",
    r"download (?:our|the) app\b",
    r"support (?:our|independent|us)\b",
    r"(?:if you (?:have )?(?:find|found|notice|spot)|found|spotted|noticed) (?:a|an) (?:error|mistake|typo)",
    r"(?:подпис\w*|присоединяйтесь|следите за|читайте нас|будьте в курсе).{0,160}(?:телеграм|telegram"
    r"|канал|дзен|вконтакте|facebook|"
    r"instagram|twitter|рассылк|новост|youtube|viber|whatsapp|max|одноклассник)",
    r"(?:если вы )?(?:заметили|нашли|обнаружили|увидели) (?:ошибку|опечатку)",
    r"(?:сообщить об|нашли) ошибк|(?:комментарии|комментировать|поделиться|поделитесь|распечатать)\b.{0,40}$",
    r"(?:підпис\w*|приєднуйтесь|стежте за).{0,160}(?:телеграм|telegram|канал|facebook|instagram|twitter"
    r"|новин|viber|whatsapp)",
    r"(?:якщо ви )?(?:помітили|знайшли) помилку",
    r"(?:abunə|izləyin|bizi).{0,120}(?:telegram|kanal|facebook|instagram|youtube|whatsapp)",
    r"(?:abone|takip|bizi).{0,120}(?:telegram|kanal|facebook|instagram|youtube|whatsapp|google news)",
)
# A line that files the article away, or says whose it is.
_LABEL = _any(
    r"(?:tags?|filed under|file under|topics?|categor(?:y|ies)|keywords?|posted (?:in|under)|теги|тэги"
    r"|метки|рубрика|ключевые слова|теґи|"
    r"etiketl?[əe]r|açar sözlər|anahtar kelimeler|թեգեր|թեմաներ|თეგები|برچسب\s?ها|schlagwörter"
    r"|mots[- ]clés|etiquetas)\s*(?::|$)",
    r"(?:©|\(c\) ?\d|copyright\b|all rights reserved|все права защищены|усі права захищені|bütün hüquqlar|tüm hakları)",
    r"(?:photo|image|picture|video|cover|фото|фотография|изображение|foto|şəkil|görsel|լուսանկար|ფოტო|عکس)"
    r"(?: credit| by| courtesy)?s?\s*[:©/]",
    r"(?:last )?(?:updated|published|posted|modified)\b(?: (?:on|at))?[\s:]+(?:\d|(?:mon|tue|wed|thu|fri"
    r"|sat|sun|jan|feb|mar|apr|may|jun|jul|"
    r"aug|sep|oct|nov|dec)).{0,40}$",
    r"(?:обновлено|опубликовано|дата публикации|оновлено|yenilənib|güncelleme|yayınlanma)\b.{0,40}\d.{0,20}$",
    r"\d+ ?(?:min|minutes?|мин\w*|dəq\w*|dk|dakika)\.? ?(?:read|чтения|oxu\w*|okuma\w*)?\W*$",
    r"advertisement\W*$|реклама\W*$|reklam\W*$|sponsored(?: content)?\W*$|партн[её]рский материал",
)
# Who made it: above the text or below it.
_BYLINE = re.compile(
    r"(?:(?:written|reported|posted|edited|translated|story|words|text|photos?|published) )?[Bb]y:? [^\W\d_a-zа-яё]"
    r"|(?:[Aa]uthor|[Ee]ditor|AUTHOR|EDITOR)[`'’]?s?(?: name)?\b[\s:]"
    r"|(?:Автор|АВТОР|Редактор|Текст|Источник|Джерело|Автори|Mənbə|Müəllif|Redaktor|Kaynak|Yazar|Editör"
    r"|Հեղինակ|Աղբյուր|ავტორი|წყარო|منبع)"
    r"\w{0,2}\s*[:\s]\s*\S"
)
# Who else helped: only below it.
_CREDIT = _any(
    r"\(?(?:additional |with )?(?:reporting|writing|editing|translation|research"
    r"|compiled) (?:and (?:reporting|writing|editing) )?by\b",
    r".{0,200}\bcontributed (?:reporting|to this (?:report|article|story))\b",
    r"this (?:article|story|post|piece) (?:was |has been |originally |first )+(?:published|appeared"
    r"|written|produced|edited|translated|updated)\b",
    r"the views expressed\b",
    r"(?:the )?(?:opinions|views) expressed\b",
)


def without_residue(lines: Sequence[str]) -> list[str]:
    """Give the lines of an article without those that only came along. Never empties a text that had a sentence."""
    kept = [line for line in _without_linked_lists(lines) if not _is_foreign(line)]
    return _without_tail(_without_head(kept))


def _without_linked_lists(lines: Sequence[str]) -> list[str]:
    """Drop a heading such as `Read also:` together with the list items under it."""
    kept: list[str] = []
    in_list = False
    for line in lines:
        in_list = line.startswith("- ") if in_list else _LINK.match(line) is not None and word_count(line) <= 5
        if not (in_list and line.startswith("- ")):
            kept.append(line)
    return kept


def _is_foreign(line: str) -> bool:
    if len(line) > LONGEST:
        return False
    bare = line.lstrip("-–—•*>|▪►→#[( \t")
    words = word_count(bare)
    if words <= LINK_WORDS and (_LINK.match(bare) or _LABEL.match(bare)):
        return True
    return words <= CALL_WORDS and not line.startswith("- ") and _CALL.match(bare) is not None


def _without_head(lines: list[str]) -> list[str]:
    head = [line for line in lines[:HEAD_LINES] if not (is_clock(line) or is_byline(line))]
    return head + lines[HEAD_LINES:]


def _without_tail(lines: list[str]) -> list[str]:
    """Drop from the end upwards; the first line that belongs to the article stops it."""
    end = len(lines)
    while end > max(1, len(lines) - TAIL_LINES) and is_residue(lines[end - 1]):
        end -= 1
    return lines[:end]


def is_residue(line: str) -> bool:
    """Tell whether a line at the end of a text is none of it: ornament, clock, byline, credit, call, link, label."""
    if not word_count(line) or is_clock(line) or is_byline(line) or _is_foreign(line):
        return True
    return word_count(line) <= CREDIT_WORDS and _CREDIT.match(line.lstrip("*_- ")) is not None


def is_byline(line: str) -> bool:
    """Tell whether a line names somebody who made the text. A sentence ends with a stop and is none."""
    return (
        word_count(line) <= 16 and not line.endswith((".", "!", "?", "…", "։", ":")) and _BYLINE.match(line) is not None
    )


def is_clock(line: str) -> bool:
    """Tell whether a line is a date, a time, or both, and nothing else."""
    return (
        len(line) <= CLOCK_LENGTH
        and word_count(line) <= 9
        and "@" not in line
        and any(char.isdigit() for char in line)
        and not line.endswith((".", "!", "?", "…", "։"))
        and parse_date(line) is not None
    )
