-- How each feed does, as of the last load.
CREATE OR REPLACE VIEW feed_health AS
WITH polls AS (
    SELECT *, outcome IN ('ok', 'not-modified', 'unchanged') AS answered,
        max(fetched_at) OVER () AS clock
    FROM feed_fetches
),
sums AS (
    SELECT feed_url, count(*) AS polls, count(*) FILTER (WHERE answered) AS answered_polls,
        max(fetched_at) AS last_polled_at, max(fetched_at) FILTER (WHERE answered) AS last_ok_at,
        max(fetched_at) FILTER (WHERE new > 0) AS last_new_at, arg_max(outcome, fetched_at) AS last_outcome,
        arg_max(detail, fetched_at) AS last_detail, sum(new) AS new_entries, sum(rejected) AS rejected_entries,
        coalesce(sum(new) FILTER (WHERE fetched_at > clock - INTERVAL 7 DAY), 0) AS new_in_7_days
    FROM polls GROUP BY feed_url
),
failing AS (
    SELECT p.feed_url, count(*) AS failures
    FROM polls AS p JOIN sums AS s ON s.feed_url = p.feed_url
    WHERE NOT p.answered AND (s.last_ok_at IS NULL OR p.fetched_at > s.last_ok_at)
    GROUP BY p.feed_url
)
SELECT f.url AS feed_url, f.publisher, f.active, f.expected_per_day, s.last_outcome, s.last_detail, s.last_polled_at,
    s.last_ok_at, s.last_new_at, coalesce(x.failures, 0) AS failures, coalesce(s.polls, 0) AS polls,
    coalesce(s.answered_polls, 0) AS answered_polls, coalesce(s.new_entries, 0) AS new_entries,
    coalesce(s.rejected_entries, 0) AS rejected_entries, coalesce(s.new_in_7_days, 0) AS new_in_7_days
FROM feeds AS f
LEFT JOIN sums AS s ON s.feed_url = f.url
LEFT JOIN failing AS x ON x.feed_url = f.url;
COMMENT ON VIEW feed_health IS 'One row for each feed: its last outcome, when it last answered and last brought something new, and failures in a row.';
COMMENT ON COLUMN feed_health.feed_url IS 'As in feeds.url.';
COMMENT ON COLUMN feed_health.publisher IS 'As in feeds.';
COMMENT ON COLUMN feed_health.active IS 'As in feeds.';
COMMENT ON COLUMN feed_health.expected_per_day IS 'As in feeds.';
COMMENT ON COLUMN feed_health.last_outcome IS 'Outcome of its last poll, as in feed_fetches; empty before the first.';
COMMENT ON COLUMN feed_health.last_detail IS 'What that poll told a person.';
COMMENT ON COLUMN feed_health.last_polled_at IS 'When it was last asked (UTC).';
COMMENT ON COLUMN feed_health.last_ok_at IS 'When it last answered: ok, not-modified or unchanged (UTC).';
COMMENT ON COLUMN feed_health.last_new_at IS 'When it last brought a new entry (UTC).';
COMMENT ON COLUMN feed_health.failures IS 'Polls without an answer since the last one with.';
COMMENT ON COLUMN feed_health.polls IS 'Polls in all.';
COMMENT ON COLUMN feed_health.answered_polls IS 'Those that were answered.';
COMMENT ON COLUMN feed_health.new_entries IS 'New entries of all polls.';
COMMENT ON COLUMN feed_health.rejected_entries IS 'Rejected items of all polls.';
COMMENT ON COLUMN feed_health.new_in_7_days IS 'New entries of the 7 days before the latest poll of any feed.';
