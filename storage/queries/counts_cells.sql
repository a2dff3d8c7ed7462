-- Stories of each series by publisher and time, and articles, copies included. {time} stands for the part of `cell` that is asked for.
WITH told AS (
    SELECT series, cell, 1 AS story, 0 AS article FROM firsts
    UNION ALL
    SELECT series, cell, 0 AS story, 1 AS article FROM belongs
)
SELECT series, CAST((cell >> 8) & 16777215 AS INTEGER) AS publisher, CAST({time} AS INTEGER) AS time,
       CAST(sum(story) FILTER (WHERE cell & 1 = 0) AS INTEGER) AS live,
       CAST(sum(story) FILTER (WHERE cell & 1 = 1) AS INTEGER) AS history,
       CAST(sum(article) FILTER (WHERE cell & 1 = 0) AS INTEGER) AS articles
FROM told
WHERE (cell >> 1) & 127 < $hours
GROUP BY ALL
ORDER BY ALL;
