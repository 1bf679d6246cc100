"""What readers see: charts, tables and sentences, and the run of a notebook into one HTML file."""
