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
COMMENT ON COLUMN run_log.batch_id IS 'As in batches.';
COMMENT ON COLUMN run_log.name IS 'As in batches.';
COMMENT ON COLUMN run_log.kind IS 'As in batches.';
COMMENT ON COLUMN run_log.landed_at IS 'As in batches.';
COMMENT ON COLUMN run_log.loaded_at IS 'As in batches.';
COMMENT ON COLUMN run_log.polls IS 'Polls in it.';
COMMENT ON COLUMN run_log.failed_polls IS 'Those without an answer.';
COMMENT ON COLUMN run_log.new_entries IS 'Entries its polls saw for the first time.';
COMMENT ON COLUMN run_log.duplicate_entries IS 'Entries they had seen before.';
COMMENT ON COLUMN run_log.rejected_entries IS 'Items that cannot be followed.';
COMMENT ON COLUMN run_log.articles IS 'As in batches.';
COMMENT ON COLUMN run_log.editions IS 'As in batches.';
COMMENT ON COLUMN run_log.duplicates IS 'As in batches.';
COMMENT ON COLUMN run_log.forgotten IS 'As in batches.';
COMMENT ON COLUMN run_log.mentions IS 'As in batches.';
COMMENT ON COLUMN run_log.rematched IS 'As in batches.';
COMMENT ON COLUMN run_log.code_version IS 'As in batches.';
