//! Small documents, by their names.

use crate::Error;
use crate::sql::Sql;

pub(crate) fn get(sql: &mut dyn Sql, name: &str) -> Result<Option<String>, Error> {
    let row = sql.row("SELECT document FROM documents WHERE name = $1", &[name.into()])?;
    row.map(|mut row| row.text()).transpose()
}

pub(crate) fn put(sql: &mut dyn Sql, name: &str, text: &str) -> Result<(), Error> {
    sql.run(
        "INSERT INTO documents (name, document) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET document = excluded.document",
        &[name.into(), text.into()],
    )?;
    Ok(())
}

pub(crate) fn remove(sql: &mut dyn Sql, name: &str) -> Result<(), Error> {
    sql.run("DELETE FROM documents WHERE name = $1", &[name.into()])?;
    Ok(())
}
