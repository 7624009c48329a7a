//! Which names are names of secrets.

/// Last words of the names of secrets.
const WORDS: [&str; 16] = [
    "pass",
    "passcode",
    "pw",
    "tokens",
    "passwords",
    "secrets",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "jwt",
    "psk",
    "sig",
    "signature",
    "dockercfg",
    "dockerconfigjson",
];

/// Ends of the last words of the names of secrets: `PGPASSWORD`, `authtoken`.
const ENDS: [&str; 9] =
    ["token", "password", "passwd", "passphrase", "pwd", "secret", "credential", "credentials", "sshkey"];

/// Last words of the names of secrets if another word precedes them: `client-key-data`, `encryptionKey`, `tls.key`.
const LAST_WORDS: [&str; 3] = ["data", "key", "keys"];

/// Last words of the names of secrets that are written without a space: `apikey`, `privkey`.
const KEYS: [&str; 6] = ["apikey", "authkey", "hostkey", "privatekey", "privkey", "accesskey"];

/// Names that end in a word of secrets and are none: of a label, and of fields that a pod has.
const OTHERS: [&str; 3] = ["topologyKey", "topology.key", "matchLabelKeys"];

/// Whether a key, a flag or a variable names a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    if OTHERS.contains(&name) {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    WORDS.contains(&last)
        || KEYS.contains(&last)
        || ENDS.iter().any(|end| last.ends_with(end))
        || (words.len() > 1 && LAST_WORDS.contains(&last))
}

/// Pieces of the names of secrets, as they remain where a text is broken: only letters and digits, in lower case.
const PIECES: [&str; 20] = [
    "pass",
    "pwd",
    "token",
    "secret",
    "credential",
    "auth",
    "bearer",
    "cookie",
    "jwt",
    "psk",
    "signature",
    "dockerc",
    "keydata",
    "sshkey",
    "tlskey",
    "apikey",
    "hostkey",
    "privatekey",
    "privkey",
    "encryptionkey",
];

/// Whether a text without syntax may name a secret, also with a name that other characters split: `pass"word`.
#[must_use]
pub(super) fn may_name_secrets(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    PIECES.iter().any(|piece| letters.contains(piece))
}

/// Whether a path of fields leads to a secret: only its last name is relevant.
#[must_use]
pub(super) fn is_secret_path(path: &str) -> bool {
    let field = path.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ']' | '['));
    is_secret_name(field.rsplit(['.', '/', '[']).next().unwrap_or_default())
}

/// The names of secrets are ASCII. Tables of all letters and their lower case weigh 10 KiB in a browser.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// The words of `client-key-data`, `DB_PASSWORD` and `apiKey`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if begins || !is_part(c) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| is_part(c)) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{is_secret_name, is_secret_path, may_name_secrets};

    #[test]
    fn names_of_secrets() {
        for name in [
            "token",
            "DB_PASSWORD",
            "PGPASSWORD",
            "client-key-data",
            "certificate-authority-data",
            "encryptionKey",
            "sshAuthorizedKeys",
            "tls.key",
            "pullSecret",
            ".dockerconfigjson",
            "--etcd-password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["podSubnet", "data", "key", "secretName", "tokenFile", "IP6", "topologyKey", "server"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_in_a_text_without_syntax() {
        for text in ["- pass\"word: x", "TO KEN x", "kind: Secret", "client-key-\n data: x"] {
            assert!(may_name_secrets(text), "{text}");
        }
        for text in ["name: calico-config", "  cidr 10.244.0.0/16", "natOutgoing: Enabled"] {
            assert!(!may_name_secrets(text), "{text}");
        }
    }

    #[test]
    fn the_last_name_of_a_path_counts() {
        for path in ["users[0].user.token", "tokens[2]", "stringData/password"] {
            assert!(is_secret_path(path), "{path}");
        }
        for path in ["token.server", "clusters[0].cluster.server", "a.key"] {
            assert!(!is_secret_path(path), "{path}");
        }
    }
}
