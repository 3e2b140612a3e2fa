"""Files of devices and of segmentation tools, read to exams."""
