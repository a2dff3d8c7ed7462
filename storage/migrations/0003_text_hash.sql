-- What the comment of 0001 said was never so.
COMMENT ON COLUMN articles.text_hash IS 'BLAKE2b, 128 bits, of title and text in normal form: what makes an edition.';
