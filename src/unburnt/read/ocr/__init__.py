"""Reading text from pixels: tesseract for most scripts, rapidocr for Chinese, both in the sandbox."""
