-- All stories by publisher and time, whatever they speak of: a story counts at its first article.
WITH firsts AS (SELECT min(place) AS place FROM counted GROUP BY story_id)
SELECT p.number AS publisher, CAST(c.{time} AS INTEGER) AS time, CAST(count(*) FILTER (WHERE NOT c.is_history) AS INTEGER) AS live,
       CAST(count(*) FILTER (WHERE c.is_history) AS INTEGER) AS history
FROM firsts AS f JOIN counted AS c USING (place) JOIN publisher_names AS p USING (publisher)
WHERE c.hours_ago < $hours
GROUP BY ALL
ORDER BY ALL;
