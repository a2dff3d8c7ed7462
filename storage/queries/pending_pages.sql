-- Pages to fetch: one row for each canonical URL that is due, in turns: every publisher's newest before anybody's
-- second newest, so that one feed with a thousand entries does not keep the others waiting.
WITH due AS (
    SELECT *, row_number() OVER (PARTITION BY canonical_url ORDER BY first_seen_at, id) AS copy
    FROM entries
    WHERE outcome = '' AND (next_try_at IS NULL OR next_try_at <= :now)
),
turns AS (
    SELECT due.*, feeds.publisher, feeds.language, coalesce(published_at, first_seen_at) AS at,
        row_number() OVER (PARTITION BY feeds.publisher ORDER BY coalesce(published_at, first_seen_at) DESC, id) AS turn
    FROM due JOIN feeds ON feeds.url = due.feed_url
    WHERE copy = 1
)
SELECT feed_url, publisher, entry_id, url, canonical_url, title, published_at, first_seen_at, is_history, attempts,
    language AS language_hint
FROM turns
ORDER BY turn, at DESC, id
LIMIT :limit
