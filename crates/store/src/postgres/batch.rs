//! One statement for many rows: `INSERT … VALUES ($1, $2)` as an INSERT of what `UNNEST($1, $2)` gives, `UPDATE … WHERE`
//! and `DELETE … WHERE` as joins with it. No two rows of a batch may touch the same row of a table.

use postgres::types::Type;

use crate::sql::Value;

/// Rows that go in one statement, at most.
const ROWS: usize = 2_000;

/// Bytes that go in one statement, about: the server takes no message above a gigabyte, and builds each in its memory.
const BYTES: usize = 8 << 20;

/// `rows` in pieces that each go in one statement.
pub(super) fn pieces<'r, 'v>(
    mut rows: &'r [Vec<Value<'v>>],
) -> impl Iterator<Item = &'r [Vec<Value<'v>>]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |row: &&Vec<Value<'_>>| {
            bytes += row.iter().map(size).sum::<usize>();
            bytes <= BYTES
        };
        // A row that is larger goes alone.
        let count = rows.iter().take(ROWS).take_while(fits).count().max(1);
        let (piece, rest) = rows.split_at_checked(count)?;
        rows = rest;
        Some(piece)
    })
}

fn size(value: &Value<'_>) -> usize {
    match value {
        Value::Null | Value::Number(_) => size_of::<i64>(),
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

/// The first `count` columns of `rows`.
pub(super) fn columns<'a>(rows: &[Vec<Value<'a>>], count: usize) -> Vec<Vec<Value<'a>>> {
    let column = |number: usize| {
        rows.iter().map(|row| row.get(number).copied().unwrap_or(Value::Null)).collect()
    };
    (0..count).map(column).collect()
}

/// `statement` for many rows at once, where it has one of the three shapes and `kinds` are its parameters' types.
pub(super) fn of(statement: &str, kinds: &[Type]) -> Option<String> {
    let mut arrays = Vec::new();
    for (number, kind) in (1..).zip(kinds) {
        arrays.push(format!("${number}::{}[]", kind.name()));
    }
    let names: Vec<_> = (1..=kinds.len()).map(|number| format!("p{number}")).collect();
    let source = format!("UNNEST({}) AS many({})", arrays.join(", "), names.join(", "));
    let of_row = |part: &str| in_columns(part, kinds.len());
    match statement.split_whitespace().next()? {
        "INSERT" => {
            let (before, rest) = statement.split_once("VALUES (")?;
            let (values, after) = rest.split_once(')')?;
            Some(format!("{before}SELECT {} FROM {source}{after}", of_row(values)))
        }
        "UPDATE" => {
            let (before, after) = statement.split_once(" WHERE ")?;
            Some(format!("{} FROM {source} WHERE {}", of_row(before), of_row(after)))
        }
        "DELETE" => {
            let (before, after) = statement.split_once(" WHERE ")?;
            Some(format!("{before} USING {source} WHERE {}", of_row(after)))
        }
        _ => None,
    }
}

/// The highest first: `$1` is the beginning of `$10`.
fn in_columns(part: &str, count: usize) -> String {
    let named = |part: String, number: usize| {
        part.replace(&format!("${number}"), &format!("many.p{number}"))
    };
    (1..=count).rev().fold(part.to_owned(), named)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn each_shape_takes_its_rows_from_arrays() {
        let kinds = [Type::INT8, Type::TEXT];
        for (statement, wanted) in [
            (
                "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (b) DO NOTHING",
                "INSERT INTO t (a, b) SELECT many.p1, many.p2 FROM UNNEST($1::int8[], $2::text[]) AS many(p1, p2) ON CONFLICT (b) DO NOTHING",
            ),
            (
                "UPDATE t SET a = $1 WHERE b = $2",
                "UPDATE t SET a = many.p1 FROM UNNEST($1::int8[], $2::text[]) AS many(p1, p2) WHERE b = many.p2",
            ),
            (
                "DELETE FROM t WHERE a = $1 AND b = $2",
                "DELETE FROM t USING UNNEST($1::int8[], $2::text[]) AS many(p1, p2) WHERE a = many.p1 AND b = many.p2",
            ),
        ] {
            assert_eq!(of(statement, &kinds).as_deref(), Some(wanted));
        }
        assert_eq!(of("SELECT $1, $2", &kinds), None);
    }

    #[test]
    fn the_tenth_parameter_is_not_the_first() {
        let kinds = vec![Type::INT8; 11];
        let statement = of("DELETE FROM t WHERE a = $11 AND b = $1 AND c = $10", &kinds).unwrap();
        assert!(statement.ends_with("WHERE a = many.p11 AND b = many.p1 AND c = many.p10"));
    }

    #[test]
    fn no_piece_is_too_large_and_none_is_empty() {
        let sizes = |rows: &[Vec<Value<'_>>]| pieces(rows).map(<[_]>::len).collect::<Vec<_>>();
        let large = "x".repeat(BYTES / 2);
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&vec![vec![Value::Null]; 2 * ROWS + 1]), [ROWS, ROWS, 1]);
        assert_eq!(sizes(&vec![vec![Value::Text(&large)]; 5]), [2, 2, 1]);
        let beyond = "x".repeat(BYTES + 1);
        assert_eq!(sizes(&vec![vec![Value::Text(&beyond)]; 2]), [1, 1]);
    }

    #[test]
    fn a_short_row_has_nulls() {
        let columns = columns(&[vec![Value::Number(1)], vec![Value::Number(2)]], 2);
        assert!(matches!(columns[1][..], [Value::Null, Value::Null]));
    }
}
