-- All stories by publisher and time, whatever they speak of. {time} as in counts_cells.sql.
SELECT CAST((cell >> 8) & 16777215 AS INTEGER) AS publisher, CAST({time} AS INTEGER) AS time,
       CAST(count(*) FILTER (WHERE cell & 1 = 0) AS INTEGER) AS live,
       CAST(count(*) FILTER (WHERE cell & 1 = 1) AS INTEGER) AS history
FROM stories
WHERE (cell >> 1) & 127 < $hours
GROUP BY ALL
ORDER BY ALL;
