-- A story counts once in a series: at its first article there, however often it is copied.
CREATE OR REPLACE TEMP TABLE firsts AS
SELECT series, arg_min(cell, place) AS cell FROM belongs GROUP BY series, story_id;

CREATE OR REPLACE TEMP TABLE stories AS SELECT arg_min(cell, place) AS cell FROM counted GROUP BY story_id;
