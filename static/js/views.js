// Saved views, the condition builder, columns and their widths.
