# ruff: noqa: E501, SIM905  tables read best as tables
"""Names of months, zones and the words around dates, in the languages of the watch and of the wires.

All are lower case as `extractors.dates` folds them: İ and ı are i, ё is е, Persian ي and ك are ی and ک.
"""


def _table(rows: str) -> dict[str, int]:
    """Read twelve lines: line n holds the names of month n."""
    return {name: number for number, line in enumerate(rows.strip().splitlines(), 1) for name in line.split()}


# English; Russian, Ukrainian and Belarusian with genitives; Azerbaijani; Turkish; Armenian and Georgian with cases; Persian
# and Arabic names of Gregorian months; and the languages of Europe whose agencies write about the region.
MONTHS: dict[str, int] = _table(
    """
january jan январь января янв січень січня січ yanvar yan ocak oca հունվար հունվարի հնվ იანვარი იანვარს იანვრის იან ژانویه januar jänner janvier janv enero ene janeiro gennaio gen januari stycznia styczeń студзеня студзень ینایر
february feb февраль февраля фев февр лютий лютого лют fevral fev şubat şub փետրվար փետրվարի փտվ փետ თებერვალი თებერვალს თებერვლის თებ فوریه februar février févr fevrier febrero fevereiro febbraio februari lutego luty лютага فبرایر
march mar март марта мар березень березня бер mart մարտ մարտի մրտ მარტი მარტს მარტის მარ مارس märz mrz mars marzo março maart marca marzec сакавіка сакавік
april apr апрель апреля апр квітень квітня кві квіт aprel nisan nis ապրիլ ապրիլի ապր აპრილი აპრილს აპრილის აპრ آوریل avril avr abril abr aprile kwietnia kwiecień красавіка красавік ابریل أبریل
may май мая травень травня тра трав mayis մայիս մայիսի մյս მაისი მაისს მაისის მაი مه می mai mayo maio maggio mag mei maja maj травеня مایو
june jun июнь июня июн червень червня чер черв iyun iyn haziran haz հունիս հունիսի հնս ივნისი ივნისს ივნისის ივნ ژوئن juni juin junio junho giugno giu czerwca czerwiec чэрвеня чэрвень یونیو
july jul июль июля июл липень липня лип iyul iyl temmuz tem հուլիս հուլիսի հլս ივლისი ივლისს ივლისის ივლ ژوئیه جولای juli juillet juil julio julho luglio lug lipca lipiec ліпеня ліпень یولیو
august aug август августа авг серпень серпня сер серп avqust avq ağustos ağu օգոստոս օգոստոսի օգս აგვისტო აგვისტოს აგვ اوت آگوست août aout agosto ago augustus sierpnia sierpień жніўня жнівень أغسطس اغسطس
september sep sept сентябрь сентября сен сент вересень вересня вер sentyabr sen eylül eyl սեպտեմբեր սեպտեմբերի սեպ სექტემბერი სექტემბერს სექტემბრის სექ سپتامبر septembre septiembre setembro settembre set września wrzesień верасня верасень سبتمبر
october oct октябрь октября окт жовтень жовтня жов жовт oktyabr okt ekim eki հոկտեմբեր հոկտեմբերի հոկ ოქტომბერი ოქტომბერს ოქტომბრის ოქტ اکتبر oktober octobre octubre outubro out ottobre ott października październik кастрычніка кастрычнік أکتوبر اکتوبر
november nov ноябрь ноября ноя нояб листопад листопада лис лист noyabr noy kasim kas նոյեմբեր նոյեմբերի նոյ ნოემბერი ნოემბერს ნოემბრის ნოე نوامبر novembre noviembre novembro listopada лістапада лістапад نوفمبر
december dec декабрь декабря дек грудень грудня гру груд dekabr dek aralik ara դեկտեմբեր դեկտեմբերի դեկ დეკემბერი დეკემბერს დეკემბრის დეკ دسامبر dezember dez décembre déc decembre diciembre dic dezembro grudnia grudzień снежня снежань دیسمبر
"""
)

SOLAR_MONTHS: dict[str, int] = _table(
    """
فروردین farvardin
اردیبهشت ordibehesht
خرداد khordad
تیر tir
مرداد امرداد mordad
شهریور shahrivar
مهر mehr
آبان ابان aban
آذر اذر azar
دی dey
بهمن bahman
اسفند esfand
"""
)

# Words that stand in dates and mean nothing for them. Any others make a text suspicious: see `dates._worded`.
NOISE: frozenset[str] = frozenset(
    """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun of at on the st nd rd th
published updated posted date de del le um uhr à et
понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс г год года в мск
понеділок вівторок середа четвер п'ятниця пятниця субота неділя р року рік о об
bazar ertəsi çərşənbə axşami cümə şənbə pazartesi sali çarşamba perşembe cuma cumartesi pazar pzt sal çar per cum cmt paz il ci cu cü saat yil
երկուշաբթի երեքշաբթի չորեքշաբթի հինգշաբթի ուրբաթ շաբաթ կիրակի թ թվականի
ორშაბათი სამშაბათი ოთხშაბათი ხუთშაბათი პარასკევი შაბათი კვირა წელი წლის
شنبه یکشنبه دوشنبه سه چهارشنبه پنجشنبه جمعه ساعت سال و
""".split()
)

# Minutes east of UTC. Where an abbreviation has two meanings, this region's is taken: AMT is Armenia, not Amazonas; GST the
# Gulf. IST (India, Israel, Ireland), CST and AST of two continents: the one that news agencies write most.
_HOURS = """
z 0 ut 0 utc 0 gmt 0 wet 0 west 1 bst 1 cet 1 cest 2 mez 1 mesz 2 eet 2 eest 3 msk 3 мск 3 msd 4 trt 3 azt 4 azst 5 amt 4 amst 5
get 4 samt 4 yekt 5 omst 6 krat 7 novt 7 irkt 8 vlat 10 almt 5 uzt 5 tmt 5 tjt 5 kgt 6 irst 3.5 irdt 4.5 idt 3 ist 5.5 gst 4 pkt 5
sgt 8 hkt 8 jst 9 kst 9 aest 10 aedt 11 nzst 12 nzdt 13 est -5 edt -4 cst -6 cdt -5 mst -7 mdt -6 pst -8 pdt -7 ast -4 adt -3
""".split()
ZONES: dict[str, int] = {name: round(float(hours) * 60) for name, hours in zip(_HOURS[::2], _HOURS[1::2], strict=True)}
