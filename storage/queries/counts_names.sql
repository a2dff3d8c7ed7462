-- Numbers for names, so that the large tables below carry integers. Series that the lexicon knows are there even when nothing was said.
CREATE OR REPLACE TEMP TABLE series_names AS
WITH names AS (
    SELECT series FROM belongs
    UNION
    SELECT 'concept:' || concept_id FROM concepts
    UNION
    SELECT 'category:' || category FROM concepts
)
SELECT series, CAST(row_number() OVER (ORDER BY series) - 1 AS INTEGER) AS number FROM names;

CREATE OR REPLACE TEMP TABLE publisher_names AS
SELECT publisher, CAST(row_number() OVER (ORDER BY publisher) - 1 AS INTEGER) AS number
FROM (SELECT DISTINCT publisher FROM counted);
