"""Where a reader truly fails on the example leak, and why. Strict: when one is mended, its line here must go."""

from __future__ import annotations

KNOWN_FAILURES = {
    "test_lines_of_printed_pages_stand_on_their_page_in_order[u0626u06c7u0642u062au06c7u0631u06c7u0634 7-u0646u0648u0645u0-0]": "a hyphen after a number in a right-to-left line is moved before the number",
    "test_lines_of_printed_pages_stand_on_their_page_in_order[u0633u06c8u0631u06c8u0634u062au06c8u0631u06c8u0634.pdf-0]": "a hyphen after a number in a right-to-left line is moved before the number",
    "test_lines_have_the_rectangle_where_they_were_printed[u0626u06c7u0642u062au06c7u0631u06c7u0634 7-u0646u0648u0645u0-0]": "a hyphen after a number in a right-to-left line is moved before the number",
    "test_lines_have_the_rectangle_where_they_were_printed[u0633u06c8u0631u06c8u0634u062au06c8u0631u06c8u0634.pdf-0]": "a hyphen after a number in a right-to-left line is moved before the number",
}
