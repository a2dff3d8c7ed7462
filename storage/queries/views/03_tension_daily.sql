-- Whose voice a publisher is. The one place where the ownership labels of feeds.csv become a few sides.
-- What makes a side is who can tell the newsroom what to write, as far as the label shows it:
--   state        a government owns it;
--   independent  nobody outside the newsroom does: also nonprofits, and public service, whose charter keeps governments out;
--   exile        independent, and driven out of the country it writes about, so it is heard apart from those inside;
--   private      a business does, agencies that no state owns among them; in much of the region its owner leans on somebody;
--   other        any other label, or none: nothing follows from it.
CREATE OR REPLACE VIEW publisher_sides AS
WITH labels AS (
    SELECT publisher, coalesce(nullif(min(country), ''), 'unknown') AS country, coalesce(min(ownership), '') AS ownership
    FROM feeds GROUP BY publisher
),
grouped AS (
    SELECT *,
        CASE
            WHEN lower(ownership) IN ('state', 'government') THEN 'state'
            WHEN lower(ownership) IN ('independent', 'nonprofit', 'ngo', 'public-service') THEN 'independent'
            WHEN lower(ownership) = 'exile' THEN 'exile'
            WHEN lower(ownership) IN ('private', 'agency') THEN 'private'
            ELSE 'other'
        END AS owners
    FROM labels
)
SELECT publisher, country, ownership, owners, country || ' ' || owners AS side FROM grouped;
COMMENT ON VIEW publisher_sides IS 'One row for each publisher of the watch: the side it is counted on, which is its country and who owns it.';
COMMENT ON COLUMN publisher_sides.publisher IS 'As in feeds.';
COMMENT ON COLUMN publisher_sides.country IS 'ISO 3166-1 alpha-2; unknown where the watch does not say.';
COMMENT ON COLUMN publisher_sides.ownership IS 'The label in the watch.';
COMMENT ON COLUMN publisher_sides.owners IS 'state, independent, exile, private or other: what the label comes to.';
COMMENT ON COLUMN publisher_sides.side IS 'country and owners, as in AZ state.';

-- Every article that counts, with its side.
CREATE OR REPLACE VIEW article_sides AS
SELECT a.article_id, a.publisher, a.counted_at, a.is_history, coalesce(r.tension, a.tension) AS tension, a.word_count, a.batch_id,
    coalesce(p.country, 'unknown') AS country, coalesce(p.owners, 'other') AS owners, coalesce(p.side, 'unknown other') AS side
FROM articles AS a
LEFT JOIN last_rematches AS r ON r.article_id = a.article_id AND r.edition = 1
LEFT JOIN publisher_sides AS p ON p.publisher = a.publisher
WHERE a.edition = 1;
COMMENT ON VIEW article_sides IS 'One row for each article, as its first edition was, with the side of its publisher. Who is no publisher of the watch, as a seed''s, is unknown other.';
COMMENT ON COLUMN article_sides.article_id IS 'As in articles.';
COMMENT ON COLUMN article_sides.publisher IS 'As in articles.';
COMMENT ON COLUMN article_sides.counted_at IS 'As in articles (UTC).';
COMMENT ON COLUMN article_sides.is_history IS 'As in articles.';
COMMENT ON COLUMN article_sides.tension IS 'As in corpus: by the last matching.';
COMMENT ON COLUMN article_sides.word_count IS 'As in articles.';
COMMENT ON COLUMN article_sides.batch_id IS 'As in articles.';
COMMENT ON COLUMN article_sides.country IS 'As in publisher_sides.';
COMMENT ON COLUMN article_sides.owners IS 'As in publisher_sides.';
COMMENT ON COLUMN article_sides.side IS 'As in publisher_sides.';

-- Signed tension in the manner of the Geopolitical Risk index (Caldara and Iacoviello, 2022): the share of articles about
-- the watched actors that are tense, scaled to a mean of 100 over a base period: of all, by side and by category.
--
-- The base period is the first 365 days on which live articles are there: a year holds every season, weekday and
-- anniversary once, and a fixed one keeps published numbers as they are. Live: not history. Backfills, seeds and a feed's
-- first poll arrive for days long gone; they add to those days, but would move a base that was over. A side or category
-- has a base of its own, so that a side that joins later has one too, and 100 is what it usually says itself. To compare
-- sides with one another take tense_share, which is not scaled. What is never tense in its base, as a category of
-- de-escalation alone, is scaled by its calming share: its index is 0 and its signed index has a mean of -100.
CREATE OR REPLACE VIEW tension_index AS
WITH about AS (
    SELECT article_id, CAST(counted_at AT TIME ZONE 'UTC' AS DATE) AS day, NOT is_history AS live, tension, word_count,
        country, owners, side
    FROM article_sides
    WHERE article_id IN (SELECT article_id FROM current_actor_mentions WHERE edition = 1)
),
-- Summed by day and side first: adding up a few thousand rows four ways is quicker than a million.
sided AS (
    SELECT day, country, owners, side, count(*) AS articles, count(*) FILTER (tension > 0) AS tense,
        count(*) FILTER (tension < 0) AS calming, sum(tension) AS tension, count(*) FILTER (live) AS live,
        count(*) FILTER (live AND tension > 0) AS live_tense, count(*) FILTER (live AND tension < 0) AS live_calming
    FROM about GROUP BY day, country, owners, side
),
wholes AS (
    SELECT
        CASE WHEN GROUPING(side) = 0 THEN 'side' WHEN GROUPING(country) = 0 THEN 'country' WHEN GROUPING(owners) = 0 THEN 'owners' ELSE 'all' END AS kind,
        coalesce(side, country, owners, 'all') AS name, day, CAST(sum(articles) AS BIGINT) AS articles, CAST(sum(tense) AS BIGINT) AS tense,
        CAST(sum(calming) AS BIGINT) AS calming, sum(tension) / sum(articles) AS mean_tension, sum(live) AS live,
        sum(live_tense) AS live_tense, sum(live_calming) AS live_calming
    FROM sided GROUP BY GROUPING SETS ((day), (day, country), (day, owners), (day, side))
),
-- Mentions of one category weighed as those of an article are: near an actor, twice in a title, per 100 words.
felt AS (
    SELECT a.day, a.live, m.category, 100 * sum(m.weight * CASE m.field WHEN 'title' THEN 2 ELSE 1 END) / greatest(any_value(a.word_count), 100) AS tension
    FROM current_mentions AS m JOIN about AS a ON a.article_id = m.article_id
    WHERE m.edition = 1 AND m.weight <> 0 AND len(m.actor_ids) > 0
    GROUP BY a.article_id, a.day, a.live, m.category
),
sums AS (
    SELECT category, day, count(*) FILTER (tension > 0) AS tense, count(*) FILTER (tension < 0) AS calming, sum(tension) AS tension,
        count(*) FILTER (live AND tension > 0) AS live_tense, count(*) FILTER (live AND tension < 0) AS live_calming
    FROM felt GROUP BY category, day
),
cells AS (
    SELECT * FROM wholes
    UNION ALL BY NAME
    SELECT 'category' AS kind, c.category AS name, w.day, w.articles, coalesce(s.tense, 0) AS tense, coalesce(s.calming, 0) AS calming,
        coalesce(s.tension, 0) / w.articles AS mean_tension, w.live, coalesce(s.live_tense, 0) AS live_tense,
        coalesce(s.live_calming, 0) AS live_calming
    FROM wholes AS w CROSS JOIN (SELECT DISTINCT category FROM sums) AS c
    LEFT JOIN sums AS s ON s.day = w.day AND s.category = c.category
    WHERE w.kind = 'all'
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY kind, name ORDER BY day) AS nth FROM cells WHERE live > 0
),
bases AS (
    SELECT kind, name, min(day) AS base_first_day, max(day) AS base_last_day, count(*) AS base_days,
        coalesce(nullif(avg(live_tense / live), 0), nullif(avg(live_calming / live), 0)) AS base_share
    FROM numbered WHERE nth <= 365 GROUP BY kind, name
)
SELECT c.kind, c.name, c.day, c.articles, c.tense, c.calming, c.mean_tension, c.tense / c.articles AS tense_share,
    c.calming / c.articles AS calming_share, 100 * c.tense / c.articles / b.base_share AS index,
    100 * (c.tense - c.calming) / c.articles / b.base_share AS signed_index, b.base_first_day, b.base_last_day, b.base_days
FROM cells AS c LEFT JOIN bases AS b ON b.kind = c.kind AND b.name = c.name;
COMMENT ON VIEW tension_index IS 'Tension of each UTC day on one scale: of all, by country, owners, side and category. tension_daily, side_daily and category_daily are its parts.';
COMMENT ON COLUMN tension_index.kind IS 'all, country, owners, side or category: what name is.';
COMMENT ON COLUMN tension_index.name IS 'Which one.';
COMMENT ON COLUMN tension_index.day IS 'UTC day. A side without articles on a day has no row: no data is not calm.';
COMMENT ON COLUMN tension_index.articles IS 'Articles that name a watched actor; of a category those of all.';
COMMENT ON COLUMN tension_index.tense IS 'Those whose tension is above 0; of a category, whose mentions of it weigh above 0 together.';
COMMENT ON COLUMN tension_index.calming IS 'Those below 0.';
COMMENT ON COLUMN tension_index.mean_tension IS 'Mean signed tension per 100 words.';
COMMENT ON COLUMN tension_index.tense_share IS 'tense / articles.';
COMMENT ON COLUMN tension_index.calming_share IS 'calming / articles.';
COMMENT ON COLUMN tension_index.index IS '100 * tense_share / its mean over the base period. Empty while its base has neither a tense nor a calming article.';
COMMENT ON COLUMN tension_index.signed_index IS 'index less calming_share on the same scale.';
COMMENT ON COLUMN tension_index.base_first_day IS 'First day of the base period: the first with a live article of this name.';
COMMENT ON COLUMN tension_index.base_last_day IS 'Its last day: the 365th with a live article, or the latest so far.';
COMMENT ON COLUMN tension_index.base_days IS 'Days in the base. At 365 it is over and the scale fixed; until then each new day moves it.';

CREATE OR REPLACE VIEW tension_daily AS
SELECT * EXCLUDE (kind, name) FROM tension_index WHERE kind = 'all';
COMMENT ON VIEW tension_daily IS 'Tension index of each UTC day. index: share of articles naming a watched actor whose tension is above 0, scaled to a mean of 100 over the base period, the first 365 days with live articles. signed_index: the same less the share below 0, on the same scale.';
COMMENT ON COLUMN tension_daily.index IS 'As in tension_index, where all columns are told.';
