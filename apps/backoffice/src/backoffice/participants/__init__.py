"""Who takes part in a product, as a page and a workbook, and a credit for all of their families (CRE-2)."""
