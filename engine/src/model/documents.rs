//! The documents and Kubernetes objects of a text. Only documents that may configure IPv6 are parsed.

use super::kind_spec::KINDS;
use super::limits::{self, Limit};
use super::nested::{self, TextOrigin};
use super::{coverage, keyless_kind};
use crate::search;
use crate::source::{Blocks, LineIndex, MAX_INPUT, Source};
use crate::yaml::classify::{Hint, classify};
use crate::yaml::flag_file::FlagFile;
use crate::yaml::split::{Chunk, split};
use crate::yaml::write::Edit;
use crate::yaml::{Kind, NodeId, ParseError, Tree, parse};
use core::cell::OnceCell;
use core::fmt;

/// One document of a source.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    /// Its bytes.
    pub chunk: Chunk,
    /// Its content.
    pub content: Content<'t>,
}

/// The content of a document.
#[derive(Clone, Debug)]
pub enum Content<'t> {
    /// Only comments and blank lines.
    Empty,
    /// An object of a kind that is not understood; it is never parsed.
    Other {
        /// Whether such an object may contain addresses that decide about IP families.
        search: bool,
    },
    /// Parsed.
    Parsed(Tree<'t>),
    /// A template that no YAML parser reads before it is rendered.
    Template,
}

/// A Kubernetes object in a document.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The index of its document.
    pub document: usize,
    /// The mapping that is the object: the root, or an item of a `List`.
    pub root: NodeId,
    /// `kind`; for a file without a `kind`, the name from `keyless_kind`.
    pub kind: String,
    /// `metadata.name`; empty if it is missing.
    pub name: String,
}

/// An object as kubectl and people name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// `apiVersion`; empty if it has none.
    pub api_version: String,
    /// `kind`; for a file without a `kind`, the name from `keyless_kind`.
    pub kind: String,
    /// `metadata.namespace`; `None` if it has none.
    pub namespace: Option<String>,
    /// `metadata.name`; for a file without a kind, the name of the file, or empty.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ObjectRef { kind, namespace, name, .. } = self;
        match (name.as_str(), namespace) {
            ("", _) => f.write_str(kind),
            (name, None) => write!(f, "{kind} {name}"),
            (name, Some(namespace)) => write!(f, "{kind} {namespace}/{name}"),
        }
    }
}

impl Resource {
    /// Its title: `DaemonSet calico-node`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.kind, self.name).trim_end().to_owned()
    }
}

/// A source as documents and objects.
#[derive(Clone, Debug)]
pub struct Documents<'t> {
    /// The source.
    pub source: Source<'t>,
    /// All documents, in order; their chunks cover the text.
    pub documents: Vec<Document<'t>>,
    /// The objects of those documents that were parsed, in order of their documents and roots.
    pub resources: Vec<Resource>,
    /// The location of the source in its file, if it is a text inside a file.
    pub(super) origin: Option<TextOrigin>,
    /// The lines of the source, once a place is asked for.
    lines: OnceCell<Blocks>,
}

/// Why a source cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// Larger than [`MAX_INPUT`]; the size in bytes.
    TooLarge(usize),
    /// A document is not YAML.
    NotYaml(ParseError),
    /// An object that must be edited is a template; the byte offset of the first template action.
    Template(usize),
    /// It has too many of something; the byte offset of the first one that is too many.
    TooMany(Limit, usize),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::TooLarge(bytes) => write!(f, "{bytes} bytes is more than 64 MiB"),
            InputError::NotYaml(error) => write!(f, "not YAML: {error}"),
            InputError::Template(offset) => write!(f, "a template that is not rendered, at byte {offset}"),
            InputError::TooMany(limit, offset) => write!(f, "{limit}, at byte {offset}"),
        }
    }
}

impl core::error::Error for InputError {}

impl<'t> Documents<'t> {
    /// Reads a source: splits it, and parses the documents that may be relevant.
    ///
    /// # Errors
    /// If a document that may be relevant is not YAML, if the source is larger than 64 MiB, or if it exceeds a [`Limit`].
    pub fn read(source: Source<'t>) -> Result<Documents<'t>, InputError> {
        let text = source.text;
        if text.len() > MAX_INPUT {
            return Err(InputError::TooLarge(text.len()));
        }
        if let Some(words) = FlagFile::of(text) {
            return Documents::of_words(source, words);
        }
        let mut documents = Vec::new();
        let mut resources = Vec::new();
        let chunks = split(text);
        if let Some(chunk) = chunks.get(Limit::Documents.most()) {
            return Err(InputError::TooMany(Limit::Documents, chunk.range.start));
        }
        for chunk in chunks {
            let content = read_document(text, &chunk)?;
            if let Content::Parsed(tree) = &content
                && let Some(root) = tree.root()
            {
                collect(tree, root, documents.len(), "", &mut resources);
            }
            documents.push(Document { chunk, content });
        }
        let read = Documents { source, documents, resources, origin: None, lines: OnceCell::new() };
        match limits::exceeded(&read) {
            Some((limit, offset)) => Err(InputError::TooMany(limit, offset)),
            None => Ok(read),
        }
    }

    /// Reads a text inside a file.
    #[must_use]
    pub(crate) fn inside(self, origin: TextOrigin) -> Documents<'t> {
        Documents { origin: Some(origin), ..self }
    }

    /// Reads a flag file: one document, and one object with the name of the file.
    fn of_words(source: Source<'t>, words: FlagFile) -> Result<Documents<'t>, InputError> {
        let tree = words.parse(source.text);
        if let Some((limit, word)) = limits::word(&tree) {
            return Err(InputError::TooMany(limit, tree.range(word).start));
        }
        let chunk = Chunk { range: 0..source.text.len(), after_end_marker: false };
        let name = source.name.rsplit(['/', '\\']).next().filter(|name| !name.starts_with(['<', '-']));
        let root = tree.root().map(|root| Resource {
            document: 0,
            root,
            kind: words.name().to_owned(),
            name: name.unwrap_or_default().to_owned(),
        });
        let documents = vec![Document { chunk, content: Content::Parsed(tree) }];
        let resources = root.into_iter().collect();
        Ok(Documents { source, documents, resources, origin: None, lines: OnceCell::new() })
    }

    /// The same source after edits, each with the index of its document. Edited documents are split and parsed again; the others
    /// must be the same bytes, and keep their trees. Returns `None` if an edit would join, split or hide documents.
    #[must_use]
    pub fn edited<'n>(&self, source: Source<'n>, edits: &[(usize, &Edit)]) -> Option<Documents<'n>> {
        if self.tree(0).is_some_and(Tree::is_flag_file) {
            return Documents::read(source).ok();
        }
        let mut documents = Vec::with_capacity(self.documents.len());
        let mut resources = Vec::new();
        let mut by_document: Vec<Option<(usize, usize)>> = vec![None; self.documents.len()];
        for (document, edit) in edits {
            let (added, removed) = by_document.get_mut(*document)?.get_or_insert_default();
            *added += edit.text.len();
            *removed += edit.range.len();
        }
        let mut start = 0;
        for (i, old) in self.documents.iter().enumerate() {
            let is_edited = by_document[i].is_some();
            let (added, removed) = by_document[i].unwrap_or_default();
            let range = start..start + old.chunk.range.len() + added - removed;
            let text = source.text.get(range.clone())?;
            let ends_line = i + 1 == self.documents.len() || text.ends_with(['\n', '\r']);
            if is_edited && (split(text).len() != 1 || !ends_line) {
                return None;
            }
            start = range.end;
            let chunk = Chunk { range, after_end_marker: old.chunk.after_end_marker };
            let content = match &old.content {
                Content::Parsed(_) if is_edited => read_document(source.text, &chunk).ok()?,
                Content::Parsed(tree) if text == &self.source.text[old.chunk.range.clone()] => {
                    Content::Parsed(tree.moved(source.text, old.chunk.range.start, chunk.range.start))
                }
                Content::Parsed(_) => return None,
                Content::Empty => Content::Empty,
                Content::Other { search } => Content::Other { search: *search },
                Content::Template => Content::Template,
            };
            if let Content::Parsed(tree) = &content
                && let Some(root) = tree.root()
            {
                collect(tree, root, i, "", &mut resources);
            }
            documents.push(Document { chunk, content });
        }
        (start == source.text.len()).then_some(Documents {
            source,
            documents,
            resources,
            origin: self.origin.clone(),
            lines: OnceCell::new(),
        })
    }

    /// Where the lines of the source are.
    pub(crate) fn lines(&self) -> LineIndex<'t> {
        LineIndex::known(self.source.text, &self.lines)
    }

    /// The object at a byte offset of the source: of a list, the item. `None` outside of all objects that were read.
    #[must_use]
    pub fn object_at(&self, offset: usize) -> Option<ObjectRef> {
        let starts = |r: &Resource| Some(self.tree(r.document)?.range(r.root).start);
        let behind = self.resources.partition_point(|r| starts(r).is_some_and(|start| start <= offset));
        let resource = self.resources.get(behind.checked_sub(1)?)?;
        let inside = self.documents[resource.document].chunk.range.contains(&offset);
        inside.then(|| self.object_ref(resource))
    }

    /// The object with this root; without a root, the first one of the document.
    #[must_use]
    pub(crate) fn object(&self, document: usize, root: Option<NodeId>) -> Option<ObjectRef> {
        let before = |r: &Resource| (r.document, Some(r.root)) < (document, root);
        let resource = self.resources.get(self.resources.partition_point(before))?;
        let is_it = resource.document == document && root.is_none_or(|root| root == resource.root);
        is_it.then(|| self.object_ref(resource))
    }

    fn object_ref(&self, resource: &Resource) -> ObjectRef {
        let text = |keys: &[&str]| {
            let tree = self.tree(resource.document)?;
            tree.scalar(tree.at(resource.root, keys)?).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let tree = self.tree(resource.document);
        let api_version = tree.and_then(|tree| api_version(tree, resource.root));
        ObjectRef {
            api_version: api_version.unwrap_or_default().to_owned(),
            kind: resource.kind.clone(),
            namespace: text(&["metadata", "namespace"]),
            name: resource.name.clone(),
        }
    }

    /// The tree of a parsed document.
    #[must_use]
    pub fn tree(&self, document: usize) -> Option<&Tree<'t>> {
        match &self.documents.get(document)?.content {
            Content::Parsed(tree) => Some(tree),
            _ => None,
        }
    }

    /// The objects of one kind, with their trees.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a Resource, &'a Tree<'t>)> + 'a {
        self.resources
            .iter()
            .filter(move |r| r.kind == kind)
            .filter_map(|r| Some((r, self.tree(r.document)?)))
    }
}

fn read_document<'t>(text: &'t str, chunk: &Chunk) -> Result<Content<'t>, InputError> {
    let object = &text[chunk.range.clone()];
    let holds = |needle: &str| search::holds(object, needle);
    let hint = classify(text, chunk.range.clone());
    match hint {
        Hint::Empty => return Ok(Content::Empty),
        // A ResourceList holds the items of a KRM function.
        Hint::Kind("List" | "ResourceList") | Hint::Unknown => {}
        Hint::Kind(kind) => {
            // The API server omits the kinds of the items of a NodeList.
            let kind = kind.strip_suffix("List").unwrap_or(kind);
            let is_relevant = KINDS.iter().any(|spec| spec.kind == kind && spec.may_be(holds));
            if !is_relevant && !holds_manifests(kind, object) {
                return Ok(Content::Other { search: coverage::may_decide(kind) });
            }
        }
    }
    // If the kind is not on a separate line, a document without any of these texts is not relevant.
    let is_ours = || {
        hint != Hint::Unknown
            || KINDS.iter().any(|spec| holds(spec.kind) && spec.may_be(holds))
            || keyless_kind::may_be(holds)
    };
    match parse(text, chunk.range.clone()) {
        Ok(tree) => Ok(Content::Parsed(tree)),
        Err(error) => {
            let action = ["{{", "{%", "${"].iter().filter_map(|open| object.find(open)).min();
            match action {
                Some(at) if holds("cni_network_config:") && is_ours() => {
                    Err(InputError::Template(chunk.range.start + at))
                }
                Some(at) if holds("calico-node") && is_ours() => {
                    Err(InputError::Template(chunk.range.start + at))
                }
                Some(_) => Ok(Content::Template),
                None => Err(InputError::NotYaml(error)),
            }
        }
    }
}

/// Whether an object of this kind may contain manifests in its texts.
fn holds_manifests(kind: &str, object: &str) -> bool {
    matches!(kind, "ConfigMap" | "Secret") && nested::may_hold(kind, object)
}

/// `apiVersion` of an object. The API server omits it in the items of a typed list, where it is that of the list.
pub(crate) fn api_version<'a>(tree: &'a Tree<'_>, root: NodeId) -> Option<&'a str> {
    let of = |node| tree.scalar(tree.get(node, "apiVersion")?);
    let of_list = || {
        // The item, its sequence, and the list, which may itself be an item of a List.
        let list = tree.parent(tree.parent(root)?).filter(|_| tree.get(root, "kind").is_none())?;
        let kind = tree.scalar(tree.get(list, "kind")?)?;
        of(list).filter(|_| kind.len() > "List".len() && kind.ends_with("List"))
    };
    of(root).or_else(of_list)
}

/// Collects the objects of a document; `of_list` is the kind of the items of a typed list, which may omit it.
fn collect(tree: &Tree<'_>, root: NodeId, document: usize, of_list: &str, resources: &mut Vec<Resource>) {
    if tree.kind(root) != Kind::Mapping {
        return;
    }
    let text = |node: Option<NodeId>| node.and_then(|n| tree.scalar(n)).unwrap_or_default().to_owned();
    let mut kind = text(tree.get(root, "kind"));
    if kind.is_empty() {
        of_list.clone_into(&mut kind);
    }
    if let Some(of_list) = kind.strip_suffix("List")
        && let Some(items) = tree.get(root, "items")
    {
        for item in tree.items(items) {
            collect(tree, item, document, of_list, resources);
        }
        return;
    }
    let name = text(tree.at(root, &["metadata", "name"]));
    if !kind.is_empty() {
        resources.push(Resource { document, root, kind, name });
    } else if let Some(kind) = keyless_kind::of(tree, root) {
        resources.push(Resource { document, root, kind: kind.to_owned(), name });
    }
}
