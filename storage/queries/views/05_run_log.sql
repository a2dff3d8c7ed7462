-- What each landed batch brought, with the polls it reports.
CREATE OR REPLACE VIEW run_log AS
WITH polls AS (
    SELECT batch_id, count(*) AS polls,
        count(*) FILTER (WHERE outcome NOT IN ('ok', 'not-modified', 'unchanged')) AS failed_polls,
        sum(new) AS new_entries, sum(duplicate) AS duplicate_entries, sum(rejected) AS rejected_entries
    FROM feed_fetches GROUP BY batch_id
)
SELECT b.batch_id, b.name, b.kind, b.landed_at, b.loaded_at, coalesce(p.polls, 0) AS polls,
    coalesce(p.failed_polls, 0) AS failed_polls, coalesce(p.new_entries, 0) AS new_entries,
    coalesce(p.duplicate_entries, 0) AS duplicate_entries, coalesce(p.rejected_entries, 0) AS rejected_entries,
    b.articles, b.editions, b.duplicates, b.forgotten, b.mentions, b.rematched, b.code_version
FROM batches AS b LEFT JOIN polls AS p ON p.batch_id = b.batch_id;
COMMENT ON VIEW run_log IS 'One row for each loaded batch: its polls and their entries, and what became of its articles.';
