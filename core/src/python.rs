//! Hands columns to Python.

use crate::columns::{self, Column, Fields, Shape, Span, value_at};
use crate::combinations;
use memchr::memchr;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use std::sync::Arc;

/// The codes of a column as 32-bit integers of this machine, and the JSON of each.
type PyColumn<'py> = (Bound<'py, PyBytes>, Vec<Bound<'py, PyBytes>>);

/// Reads texts for some fields (`columns::Fields`); may be shared by threads.
#[pyclass(frozen)]
struct Reader(Arc<Fields>);

/// What was read of a text (`columns::Columns`), the text, and what was read of events.
#[pyclass(frozen)]
struct Columns(columns::Columns, Py<PyBytes>, Arc<Fields>);

/// Codes of the values of some fields together (`combinations::Combinations`).
#[pyclass]
struct Combinations(combinations::Combinations, Arc<Fields>);

#[pymethods]
impl Combinations {
    /// Return the number of a new subject, by its fields; None if one is not read.
    #[allow(clippy::needless_pass_by_value)] // made of a sequence of texts
    fn add(&mut self, names: Vec<String>) -> Option<u32> {
        self.0.add(&self.1, &names)
    }

    /// Return the codes of some events, each for its subject, by their numbers.
    #[allow(clippy::needless_pass_by_value)] // made of sequences of numbers
    fn codes(
        &mut self,
        columns: &Bound<'_, Columns>,
        events: Vec<u32>,
        subjects: Vec<u32>,
    ) -> PyResult<Vec<u32>> {
        let Columns(found, text, fields) = columns.get();
        check(*fields == self.1)?;
        let all = events.len() == subjects.len() && are_below(&events, found.kinds.len());
        check(all && are_below(&subjects, self.0.subjects()))?;
        let text = text.as_bytes(columns.py());
        Ok(self.0.codes(text, found, &events, &subjects))
    }

    /// Return the events of which the kind has a subject, and their codes.
    #[allow(clippy::needless_pass_by_value)] // made of a sequence of numbers
    fn of_kinds(
        &mut self,
        columns: &Bound<'_, Columns>,
        subjects: Vec<u32>,
    ) -> PyResult<(Vec<u32>, Vec<u32>)> {
        let Columns(found, text, fields) = columns.get();
        check(*fields == self.1)?;
        let all = subjects.len() == found.kind_values.len();
        check(all && are_below(&subjects, self.0.subjects()))?;
        let text = text.as_bytes(columns.py());
        Ok(self.0.of_kinds(text, found, &subjects))
    }

    /// Have events of a code passed over from now on.
    fn pass_over(&mut self, code: u32) {
        self.0.pass_over(code);
    }

    /// Forget all codes.
    fn clear(&mut self) {
        self.0.clear();
    }

    /// How many codes there are, 0 included.
    #[getter]
    fn count(&self) -> usize {
        self.0.count()
    }

    /// How many bytes the values of all codes take.
    #[getter]
    fn size(&self) -> usize {
        self.0.size()
    }
}

/// Return the text that JSON has; None for null, and bytes for what has escapes.
fn plain_text<'py>(py: Python<'py>, json: &[u8]) -> Bound<'py, PyAny> {
    let inside = json
        .strip_prefix(b"\"")
        .and_then(|json| json.strip_suffix(b"\""));
    match inside.and_then(|inside| str::from_utf8(inside).ok()) {
        Some(text) if memchr(b'\\', json).is_none() => PyString::new(py, text).into_any(),
        _ if json == b"null" => py.None().into_bound(py),
        _ => PyBytes::new(py, json).into_any(),
    }
}

fn are_below(numbers: &[u32], number: usize) -> bool {
    numbers.iter().all(|&each| (each as usize) < number)
}

fn check(is_there: bool) -> PyResult<()> {
    if is_there {
        return Ok(());
    }
    Err(PyIndexError::new_err(
        "there is no such event, field or subject",
    ))
}

#[pymethods]
impl Columns {
    /// How many events there are.
    fn __len__(&self) -> usize {
        self.0.kinds.len()
    }

    #[getter]
    fn is_ascii(&self) -> bool {
        self.0.is_ascii
    }

    #[getter]
    fn spans<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        words(py, self.0.spans.as_flattened())
    }

    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.ids)
    }

    #[getter]
    fn kinds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        words(py, &self.0.kinds)
    }

    #[getter]
    fn kind_values<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyTuple>> {
        let kinds = self.0.kind_values.iter();
        kinds
            .filter_map(|spans| PyTuple::new(py, self.values(py, spans)).ok())
            .collect()
    }

    #[getter]
    fn callers<'py>(&self, py: Python<'py>) -> PyResult<PyColumn<'py>> {
        self.coded(py, &self.0.callers)
    }

    #[getter]
    fn samples(&self) -> Vec<u32> {
        self.0.samples.clone()
    }

    /// Return the column of a field, by its number among texts, objects and places.
    fn column<'py>(&self, py: Python<'py>, field: usize) -> PyResult<PyColumn<'py>> {
        check(field < self.0.width())?;
        self.coded(py, &self.0.column(self.1.as_bytes(py), field))
    }

    /// Return the texts of a field of some events, each as JSON where it has escapes.
    #[allow(clippy::needless_pass_by_value)] // made of a sequence of numbers
    fn texts<'py>(
        &self,
        py: Python<'py>,
        field: usize,
        events: Vec<u32>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        check(are_below(&events, self.0.kinds.len()) && field < self.0.width())?;
        let text = self.1.as_bytes(py);
        let span = |event: u32| self.0.place(event as usize, field);
        let values = events.iter().map(|&event| value_at(text, span(event)));
        Ok(values.map(|json| plain_text(py, json)).collect())
    }

    /// Return the eventIDs of some events.
    #[allow(clippy::needless_pass_by_value)] // likewise
    fn event_ids<'py>(
        &self,
        py: Python<'py>,
        events: Vec<u32>,
    ) -> PyResult<Vec<Bound<'py, PyString>>> {
        check(are_below(&events, self.0.kinds.len()))?;
        let text = |&event: &u32| PyString::new(py, &self.0.id(event as usize));
        Ok(events.iter().map(text).collect())
    }

    /// Return of each event the offset and the length of the value of a field.
    fn places<'py>(&self, py: Python<'py>, field: usize) -> PyResult<Bound<'py, PyBytes>> {
        check(field < self.0.width())?;
        let spans: Vec<_> = self.0.places(field).collect();
        words(py, spans.as_flattened())
    }
}

impl Columns {
    fn coded<'py>(&self, py: Python<'py>, column: &Column) -> PyResult<PyColumn<'py>> {
        Ok((
            words(py, &column.codes)?,
            self.values(py, &column.values).collect(),
        ))
    }

    fn values<'py>(
        &self,
        py: Python<'py>,
        spans: &[Span],
    ) -> impl ExactSizeIterator<Item = Bound<'py, PyBytes>> {
        let text = self.1.as_bytes(py);
        spans
            .iter()
            .map(move |&span| PyBytes::new(py, value_at(text, span)))
    }
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
        Reader(Arc::new(Fields {
            kind,
            caller,
            texts,
            objects,
            places,
            absent,
            id,
        }))
    }

    /// Return what gives the values of some fields together a code.
    fn combinations(&self) -> Combinations {
        Combinations(combinations::Combinations::default(), self.0.clone())
    }

    /// Return the columns of a log file; None for what is not plain.
    fn log_file(&self, text: &Bound<'_, PyBytes>) -> Option<Columns> {
        self.read(text, Shape::LogFile)
    }

    /// Return the columns of events on lines of their own; None for what is not plain.
    fn lines(&self, text: &Bound<'_, PyBytes>) -> Option<Columns> {
        self.read(text, Shape::Lines)
    }
}

impl Reader {
    fn read(&self, text: &Bound<'_, PyBytes>, shape: Shape) -> Option<Columns> {
        let bytes = text.as_bytes();
        let found = text.py().detach(|| columns::read(bytes, shape, &self.0))?;
        Some(Columns(found, text.clone().unbind(), self.0.clone()))
    }
}

fn words<'py>(py: Python<'py>, words: &[u32]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, size_of_val(words), |bytes| {
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_ne_bytes();
        }
        Ok(())
    })
}

#[pymodule]
fn trailcheck_core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Reader>()?;
    module.add_class::<Columns>()?;
    module.add_class::<Combinations>()
}
