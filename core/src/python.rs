//! Hands columns to Python.

use crate::columns::{self, Column, Fields, Shape};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The codes of a column as 32-bit integers of this machine, and the JSON of each.
type PyColumn = (Py<PyBytes>, Vec<Py<PyBytes>>);

/// Reads texts for some fields (`columns::Fields`); may be shared by threads.
#[pyclass(frozen)]
struct Reader(Fields);

/// What was read of a text (`columns::Columns`).
#[pyclass(frozen, get_all)]
struct Columns {
    is_ascii: bool,
    spans: Py<PyBytes>,
    ids: Py<PyBytes>,
    kinds: Py<PyBytes>,
    kind_values: Vec<Vec<Py<PyBytes>>>,
    callers: PyColumn,
    texts: Vec<PyColumn>,
    objects: Vec<PyColumn>,
    places: Vec<Py<PyBytes>>,
    samples: Vec<u32>,
}

#[pymethods]
impl Reader {
    #[new]
    #[pyo3(signature = (*, kind, caller, texts, objects, places, absent, id))]
    fn new(
        kind: Vec<String>,
        caller: (String, String),
        texts: Vec<String>,
        objects: Vec<String>,
        places: Vec<String>,
        absent: Vec<String>,
        id: String,
    ) -> Self {
        Reader(Fields {
            kind,
            caller,
            texts,
            objects,
            places,
            absent,
            id,
        })
    }

    /// Return the columns of a log file; None for what is not plain.
    fn log_file(&self, py: Python<'_>, text: &Bound<'_, PyBytes>) -> Option<Columns> {
        self.read(py, text.as_bytes(), Shape::LogFile)
    }

    /// Return the columns of events on lines of their own; None for what is not plain.
    fn lines(&self, py: Python<'_>, text: &Bound<'_, PyBytes>) -> Option<Columns> {
        self.read(py, text.as_bytes(), Shape::Lines)
    }
}

impl Reader {
    fn read(&self, py: Python<'_>, text: &[u8], shape: Shape) -> Option<Columns> {
        let found = py.detach(|| columns::read(text, shape, &self.0))?;
        let values = |values: &[&[u8]]| -> Vec<_> {
            values
                .iter()
                .map(|value| PyBytes::new(py, value).unbind())
                .collect()
        };
        let column = |column: &Column| (words(py, &column.codes), values(&column.values));
        Some(Columns {
            is_ascii: found.is_ascii,
            spans: words(py, &found.spans),
            ids: PyBytes::new(py, &found.ids).unbind(),
            kinds: words(py, &found.kinds),
            kind_values: found.kind_values.iter().map(|each| values(each)).collect(),
            callers: column(&found.callers),
            texts: found.texts.iter().map(column).collect(),
            objects: found.objects.iter().map(column).collect(),
            places: found.places.iter().map(|each| words(py, each)).collect(),
            samples: found.samples,
        })
    }
}

fn words(py: Python<'_>, words: &[u32]) -> Py<PyBytes> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    PyBytes::new(py, &bytes).unbind()
}

#[pymodule]
fn trailcheck_core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Reader>()?;
    module.add_class::<Columns>()
}
