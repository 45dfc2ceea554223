//! Places in text: spans, lines and columns, a JSON document with a span for every value, field paths.
