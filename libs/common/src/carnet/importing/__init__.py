"""Files of another system that are read into families to import (IMP-1): CSV and XLSX, with every wrong cell named."""
