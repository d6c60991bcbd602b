"""Why MySQL 9.7 and eval_answer differ gravely where they still do, by the function under which compare.py counts it."""

OTHER = "warnings counted otherwise, or a length"
CHOSEN = "where CASE, IF, GREATEST and their like give a text of dates and numbers, and a number is wanted, MySQL takes the number of the value that was chosen; Sluice reads the text"
ROWS = "MySQL ends at the first parts that differ; Sluice computes all parts, with their errors"
DOCUMENTS = "a document among the items: MySQL compares each pair as documents, dates or numbers by which of them are columns; Sluice decides for the list"
LITERAL = "a literal that the other text's character set lacks is an error in Sluice even where it is not asked for"
REASONS = {
    "*": CHOSEN, "^": CHOSEN, "|": CHOSEN, "+": CHOSEN, "cos": CHOSEN, "log": CHOSEN, "ceil": CHOSEN, "cast as date": CHOSEN, "cast as datetime": CHOSEN, "if": CHOSEN, "case": CHOSEN,
    "case when": "MySQL takes bits beside a constant text of the system for bytes, and gives the bytes of a BIT as a decimal",
    "row =": ROWS, "row in": ROWS,
    "in": DOCUMENTS, "not in": DOCUMENTS, "<": "a document beside a YEAR", ">=": "a document beside a text that was made of a number",
    "between": "MySQL refuses a date between two constants that are none (1525); bits, dates and times among the bounds",
    "div": "MySQL refuses the lowest BIGINT DIV 1 (1690)",
    "greatest": "documents, bytes and times among dates", "least": "documents, bytes and times among dates",
    "date_sub": "a TIME beyond its range by a part of a second is NULL in MySQL, the last one in Sluice",
    "date_add": "a TIME beyond its range by a part of a second is NULL in MySQL, the last one in Sluice",
    "length": "as a text DATE_ADD of a TIME has six digits behind the seconds in MySQL", "trim": "as a text DATE_ADD of a TIME has six digits behind the seconds in MySQL",
    "cast as time": "a YEAR of a column is a time of midnight in MySQL", "cast as time(2)": "a YEAR of a column is a time of midnight in MySQL",
    "nullif": "a YEAR 0 is printed as 0 by MySQL where it was compared with a date",
    "field": "MySQL compares the largest unsigned number as -1 here; and refuses bytes that are no text even behind the place that it finds",
    "regexp": "MySQL looks at a pattern in a column even if there is no text", "substring_index": LITERAL, "trim of": LITERAL,
    "json_valid": "a text that was made of a number is no text for JSON_VALID", "coercibility": "WEIGHT_STRING AS BINARY has that of its cast in MySQL",
    "ltrim": "a document beside a YEAR", "find_in_set": "MySQL looks a SET up by the members of its column", "format": "doubles are rounded twice in MySQL",
}
