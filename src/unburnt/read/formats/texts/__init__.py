"""Text that people or programs typed: plain, tables of characters, markup."""
