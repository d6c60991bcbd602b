"""Why MySQL 9.7 and eval_answer differ gravely where they still do, by the function under which compare.py counts it."""

OTHER = "warnings counted otherwise, or a length"
BITS = "IF and CASE give the bytes of a BIT as a decimal in MySQL, which no client can read; Sluice gives its number"
JSON_TEXTS = "a double literal that UPPER, LOWER, LEFT or REPEAT made a text is bytes for JSON in MySQL"
REASONS = {
    "if": BITS, "case": BITS + "; the weights of a number beside a text are refused by MySQL (3854)", "case when": BITS,
    "between": "a document, a TIME column beside a date, or a number beside two moments among the bounds: MySQL takes each pair by which of them are constants; equal constant bounds of two kinds are refused as dates (1525)",
    "in": "collations of columns beside bytes are not merged for the list; a TIME and bytes in a list of constants",
    "not in": "a NULL that is sought ends the comparison in Sluice before the items and their errors are computed; a document behind a column, bytes and a TIME in one list",
    "row in": "Sluice looks first whether a constant is a date (1525), MySQL computes the constants first (1690)",
    "nullif": "MySQL gives back the constant as the column of the comparison has stored it, a zero date or a signed number; Sluice gives the constant",
    "greatest": "a double that was computed of a date is read as a date by its digits in MySQL",
    "least": "GREATEST and LEAST of BIT columns alone give digits in MySQL, with the type BIT; Sluice gives the bits",
    "json_valid": JSON_TEXTS, ">": JSON_TEXTS + "; a computed YEAR beside a moment; the weights of a number beside a TIME",
    ">=": "MySQL compares what JSON_CONTAINS gives with a document as a number",
    "regexp_replace": "MySQL refuses bytes of a literal beside a column of bytes (3995) even where the text is NULL",
    "<<": "MySQL does not refuse (3995) a document's text beside bytes in REGEXP where it is a literal's",
    "|": "MySQL takes GREATEST of a TIME and unsigned numbers by their signed values; half seconds of SUBTIME's text are rounded without a carry",
    "~": "half seconds of DATE_SUB's text are rounded without a carry to the minute in MySQL",
    "upper": "MySQL gives nothing for the weights of a number as a text of the connection's character set; Sluice refuses them (3854)",
}
