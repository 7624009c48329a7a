/* tslint:disable */
/* eslint-disable */
/** What is wanted of a cluster. What is left out is read from the files, or has a default. */
export interface Target {
    /** address families that pods get */
    to: "dual-stack" | "ipv6-only" | "ipv4-only";
    /** CIDR of the IPv6 pool, such as fd00:10:244::/56; inside the cluster CIDR */
    ipv6PodCIDR?: string | null;
    /** CIDR of the IPv4 pool, such as 10.244.0.0/16 */
    ipv4PodCIDR?: string | null;
    /** IPv6 service CIDR, such as fd00:10:96::/112 */
    ipv6ServiceCIDR?: string | null;
    /** IPv4 service CIDR, such as 10.96.0.0/12 */
    ipv4ServiceCIDR?: string | null;
    /** IPv6 range of Services of type LoadBalancer, such as 2001:db8:40::/112; for generate */
    ipv6LoadBalancerCIDR?: string | null;
    /** IPv4 range of Services of type LoadBalancer, such as 198.51.100.0/24; for generate */
    ipv4LoadBalancerCIDR?: string | null;
    /** IPv6 node network, such as 2001:db8:1::/64, for OpenShift and Talos */
    ipv6MachineCIDR?: string | null;
    /** what created the cluster; with kubeadm, calico-node reads the pod CIDRs from podSubnet */
    provisioner?: "kubeadm" | "other" | null;
    /** IPv6-only: whether nodes keep an IPv4 address [default: false] */
    nodesHaveIPv4?: boolean | null;
    /** encapsulation of IPv6 packets between nodes [default: as in the manifest] */
    encapsulation?: "none" | "vxlan" | "vxlan-cross-subnet" | null;
    /** NAT for IPv6 traffic that leaves the pool [default: auto, on for unique-local ranges] */
    natOutgoing?: boolean | "auto" | null;
    /** prefix length of IPv6 blocks, 116 to 128 [default: 122] */
    ipv6BlockSize?: number | null;
    /** how calico-node detects a node's IPv6 address: first-found, interface=REGEX, cidr=CIDR ... */
    ipv6AutodetectionMethod?: string | null;
    /** BGP router ID: hash, computed from each node's name [default: the node's IPv4 address; without one, hash] */
    routerID?: string | null;
    /** Calico release, if the files do not show it */
    calicoVersion?: string | null;
    /** backend of calico-node, if the input does not show it */
    calicoBackend?: "bird" | "vxlan" | "none" | null;
    /** primary IP family of a dual-stack cluster [default: unchanged, or ipv4] */
    primaryFamily?: "ipv4" | "ipv6" | null;
    /** IPv4 and IPv6 address of one node or load balancer; repeatable; an input file from `kubectl get nodes -o yaml` gives the pairs of nodes */
    addressMap?: string | readonly string[] | null;
    /** @deprecated Another name of `addressMap`. */
    address?: string | readonly string[] | null;
    /** Kubernetes release, if the input does not show it */
    kubernetesVersion?: string | null;
    /** the files configure a running cluster [default: true if an object was read from a cluster] */
    running?: boolean | null;
    /** the files are for a new cluster, even if an object was read from a running one */
    newCluster?: boolean | null;
}

/** What can be written. */
export type Kind = "installation" | "ippool" | "ippool-loadbalancer" | "felixconfiguration" | "bgpconfiguration" | "bgppeer" | "kubeadm" | "kube-proxy" | "coredns" | "servicecidr" | "helm-values" | "helmchartconfig" | "helmchart" | "k3s" | "rke2" | "kubespray" | "install-config" | "openshift-patches" | "kustomize" | "kustomize-operator" | "sysctl" | "connectivity-test";

/** How large a cluster shall be, and the ranges that it has. */
export interface AddressRequest {
    /** maximum number of nodes [default: 256] */
    nodes?: number | null;
    /** maximum number of pods per node [default: 110, as in kubelet] */
    podsPerNode?: number | null;
    /** maximum number of Services */
    services?: number | null;
    /** address families that pods get */
    to?: "dual-stack" | "ipv6-only" | "ipv4-only" | null;
    /** CIDR of the IPv6 pool, such as fd00:10:244::/56; inside the cluster CIDR */
    ipv6PodCIDR?: string | null;
    /** CIDR of the IPv4 pool, such as 10.244.0.0/16 */
    ipv4PodCIDR?: string | null;
    /** IPv6 service CIDR, such as fd00:10:96::/112 */
    ipv6ServiceCIDR?: string | null;
    /** IPv4 service CIDR, such as 10.96.0.0/12 */
    ipv4ServiceCIDR?: string | null;
    /** prefix length of IPv6 blocks, 116 to 128 [default: 122] */
    ipv6BlockSize?: number | null;
    /** primary IP family of a dual-stack cluster [default: unchanged, or ipv4] */
    primaryFamily?: "ipv4" | "ipv6" | null;
}

/** A file: how messages name it, and its whole text. */
export interface SourceFile {
    /** A file name relative to where the user stands, or anything that names the text. */
    name: string;
    /** The content as it is: a byte-order mark and any line ends are kept. */
    text: string;
}

/** What is wrong with a target. Nothing is planned for such a target. */
export interface TargetProblem {
    /** The key that it is about; null where it is about none, or about several. */
    option: keyof Target | keyof AddressRequest | null;
    /** What is wrong and what to write instead. */
    message: string;
}

/** Whether a target can be, whatever the files are. */
export interface TargetCheck {
    /** The version of this shape: 1. */
    version: number;
    /** Whether nothing is wrong with it. */
    ok: boolean;
    /** What is wrong with the target. */
    problems: Array<TargetProblem>;
}

/** What becomes of all files of a cluster. */
export interface Transformation {
    /** The version of this shape: 1. */
    version: number;
    /** Whether the result can be used: the target is valid, every file was read, and none is refused or needs an answer. */
    ok: boolean;
    /** What is wrong with the target. Where there is anything, `files` is empty. */
    problems: Array<TargetProblem>;
    /** The clusters that the files belong to. Facts never cross from one cluster to another. */
    clusters: Array<Cluster>;
    /** The files, in the order in which they were given. */
    files: Array<Transformed>;
    /** What to check before the result is applied, because no file tells it. */
    checks: Array<Check>;
    /** Why a cluster that runs already cannot follow; null if it can. */
    runningCluster: string | null;
    /** The plan that a person follows, for each cluster whose files are not refused. */
    steps: Array<Steps>;
    /** The options that matter for these files and this target; `to` always does. */
    fields: Array<Field>;
}

/** Files that belong to one cluster. */
export interface Cluster {
    /** The folder of its files, or the name of its only file. */
    name: string;
    /** The indexes of its files. */
    files: Array<number>;
}

/** What becomes of one file, whatever it is. */
export interface TransformedFile {
    /** The name that was given. */
    name: string;
    /** What it was recognised as, in words; null where nothing in it decides about IPv6. */
    recognised: string | null;
    /** The objects below Calico in it: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS. */
    components: Array<string>;
    /** The installations in it. */
    installs: Array<Install>;
    /** The changes, in the order of the text. */
    changes: Array<Change>;
    /** The IP pools that the result makes on a new cluster, in words. */
    pools: Array<string>;
    /** What else was found. */
    findings: Array<Finding>;
    /** Options that are missing. */
    missingOptions: Array<MissingOption>;
    /** How many documents there are, without empty ones. */
    documents: number;
    /** How much of them is understood. */
    coverage: Coverage;
    /** Whether the file already has the requested stack: every requested IP family was read in a setting that decides, and nothing was skipped. False for a file that is changed. */
    confirmed: boolean;
    /** The indexes of the edited ones. */
    touchedDocuments: Array<number>;
    /** How many lines of the original are as they were. */
    untouchedLines: number;
    /** The difference of the new text, with three lines around each change. */
    hunks: Array<Hunk>;
}

/** How much of a file is understood: documents, and the objects of lists. */
export interface Coverage {
    /** How many are understood. */
    understood: number;
    /** How many have no settings that decide about IP families. */
    notRelevant: number;
    /** The lines, from 1, of those that are templates and not rendered. */
    templates: Array<number>;
    /** The lines, from 1, of the first address or range in those that contain some and are not understood. */
    notUnderstood: Array<number>;
}

/** What becomes of a file. */
export type Outcome = "changed" | "unchanged" | "passed-through" | "refused" | "needs-input" | "unreadable";

/** Why a file cannot be read. */
export interface Problem {
    /** What it is, one line. */
    message: string;
    /** What the place shows, in few words; may be empty. */
    label: string;
    /** What to do. */
    help: string;
    /** Where; null where it is about the whole file. */
    place: Place | null;
}

/** A range of a text. Lines and columns count from 1, columns in characters (Unicode scalar values). */
export interface Place {
    /** The line where it begins. */
    line: number;
    /** The column where it begins. */
    column: number;
    /** The line where it ends. */
    endLine: number;
    /** The column behind its last character. */
    endColumn: number;
    /** Where it begins, as JavaScript counts: in UTF-16 code units from 0. */
    start: number;
    /** Where it ends, in UTF-16 code units from 0. */
    end: number;
}

/** An installation that was found. */
export interface Install {
    /** How people name its main object: `DaemonSet calico-node`. */
    title: string;
    /** What is known of it. */
    facts: Facts;
}

/** What is known of an installation. */
export interface Facts {
    /** Which of Calico's manifests it is, in words. */
    variant: string;
    /** The Calico release, such as `v3.31.7`; null where nothing tells it. */
    calico: string | null;
    /** The operator's release; null where nothing tells it. */
    operator: string | null;
    /** What pods get today: `IPv4-only`, `IPv6-only` or `dual-stack`; null where the files do not say. */
    stack: string | null;
    /** What makes routes between nodes: `bird`, `vxlan` or `none`. */
    backend: "bird" | "vxlan" | "none";
    /** Whether the dataplane is eBPF. */
    ebpf: boolean;
    /** The IPAM plugin: `calico-ipam` or `host-local`; null where it is another one, or not told. */
    ipam: "calico-ipam" | "host-local" | null;
    /** Whether Calico keeps its state in an etcd of its own. */
    etcdDatastore: boolean;
    /** `veth_mtu` where it is fixed, in bytes. */
    mtu: number | null;
}

/** A change that was made. */
export interface Change {
    /** The id of the rule that wanted it. */
    rule: string;
    /** The object: `DaemonSet calico-node, container calico-node`. */
    resource: string;
    /** The field or variable. */
    field: string;
    /** What stood there; null where it is new. */
    from: string | null;
    /** What stands there now; null where it is gone. */
    to: string | null;
    /** Why, in few words. */
    why: string;
    /** The line of the original where it begins, from 1; null where it is part of another change. */
    line: number | null;
    /** The index of the hunk that shows it; null where none does. */
    hunk: number | null;
}

/** A run of changed lines with the lines around it. */
export interface Hunk {
    /** The first line of the old text, from 1; the line before where it has none. */
    oldStart: number;
    /** How many lines of the old text. */
    oldLines: number;
    /** The first line of the new text. */
    newStart: number;
    /** How many lines of the new text. */
    newLines: number;
    /** The lines. */
    lines: Array<Line>;
}

/** A line of a hunk. */
export interface Line {
    /** Which text it is in. */
    kind: LineKind;
    /** The line with its line break. */
    text: string;
}

/** Which text a line is in. */
export type LineKind = "context" | "removed" | "added";

/** What a rule says. */
export interface Finding {
    /** The id of the rule. */
    rule: string;
    /** The rule's name: the pattern that it finds. */
    name: string;
    /** How bad it is here. */
    severity: Severity;
    /** What it is, one line. */
    message: string;
    /** What the place shows, in few words; may be empty. */
    label: string;
    /** What happens in the cluster. */
    consequence: string;
    /** What to do. */
    help: string;
    /** Where, as a path of fields. */
    path: string;
    /** Where in the text. */
    place: Place;
    /** The line where it begins, up to the end of its item; secrets, and other items of a line in flow style, are stars. Empty if the line is too long to be shown. */
    line: string;
    /** Other locations that belong to it, also in other files. */
    related: Array<Location>;
    /** Whether a transform stops here. */
    blocks: boolean;
    /** The changes that correct it; null if there are none. */
    fix: Fix | null;
}

/** Another location of a finding. */
export interface Location {
    /** The name of the file. */
    file: string;
    /** The line, from 1. */
    line: number;
    /** The column, from 1, in characters. */
    column: number;
    /** What is there. */
    text: string;
}

/** Changes that correct a finding. */
export interface Fix {
    /** What they do, one line. */
    title: string;
    /** Whether a transform writes them. */
    applicability: Applicability;
}

/** Whether a transform writes a fix. */
export type Applicability = "display-only" | "unsafe" | "safe";

/** How bad a finding is. */
export type Severity = "info" | "warning" | "error";

/** An option that is missing. */
export interface MissingOption {
    /** The flag of the command, without dashes. */
    option: string;
    /** The key of a target. */
    key: keyof Target;
    /** Why this input needs it. */
    why: string;
    /** An example of its value. */
    example: string;
}

/** One thing to check. */
export interface Check {
    /** What must hold, and what happens where it does not. */
    text: string;
    /** A command that shows it; null where there is none. */
    command: string | null;
}

/** The plan for one cluster. */
export interface Steps {
    /** The index of the cluster. */
    cluster: number;
    /** Its heading. */
    title: string;
    /** Its parts, in order. */
    sections: Array<StepsSection>;
    /** The same as Markdown. */
    markdown: string;
}

/** A part of a plan. */
export interface StepsSection {
    /** Its heading. */
    title: string;
    /** What is to be known, each a sentence or two of Markdown. */
    notes: Array<string>;
    /** What is to be done, in order. */
    steps: Array<Step>;
}

/** A step of a plan. */
export interface Step {
    /** What is done, as a heading. */
    title: string;
    /** Why these files need it; may be empty. */
    why: string;
    /** The commands. */
    commands: Array<StepCommand>;
    /** What restarts, and what happens to traffic meanwhile; may be empty. */
    restarts: string;
    /** The commands that show whether it worked. If one fails, the plan stops here. */
    verify: Array<StepCommand>;
    /** How to go back, in words; may be empty. */
    undoNote: string;
    /** How to go back, as commands. */
    undo: Array<StepCommand>;
}

/** A command of a shell. */
export interface StepCommand {
    /** Where it runs. */
    host: StepHost;
    /** Its text, of one or more lines. */
    text: string;
    /** What it prints if all is well; empty if that does not matter. */
    expect: string;
}

/** Where a command runs. */
export type StepHost = "here" | "one-control-plane-node" | "each-control-plane-node" | "each-node";

/** An option as a form shows it. */
export interface Field {
    /** The key of a target. */
    key: keyof Target;
    /** How much it matters. */
    weight: Weight;
    /** Why it is asked for, or where `used` comes from; may be empty. */
    note: string;
    /** The value that is used without an answer, where the files tell it. */
    used: string | null;
    /** An example of an answer, where one is needed. */
    example: string | null;
}

/** How much an option matters. */
export type Weight = "missing" | "usual" | "rare";

/** What is in all files of a cluster. */
export interface Inspection {
    /** The version of this shape: 1. */
    version: number;
    /** Whether every file was read. */
    ok: boolean;
    /** What is wrong with the target: nothing, because an inspection has none. For code that reads every result alike. */
    problems: Array<TargetProblem>;
    /** The files, in the order in which they were given. */
    files: Array<Inspected>;
}

/** What is in one file. */
export interface Inspected {
    /** The name that was given. */
    name: string;
    /** Why it could not be read; null where it was. */
    problem: Problem | null;
    /** How many documents there are, without empty ones. */
    documents: number;
    /** How much of them is understood. */
    coverage: Coverage;
    /** The objects below Calico: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS. */
    components: Array<string>;
    /** What they say of addresses and ranges. */
    fields: Array<InspectedField>;
    /** The installations. */
    installs: Array<InspectedInstall>;
}

/** A field of an object that says addresses or ranges. */
export interface InspectedField {
    /** The object: one of the components. */
    component: string;
    /** The field: `--service-cluster-ip-range`, `networking.podSubnet`. */
    name: string;
    /** What it says. */
    value: string;
    /** Its line, from 1. */
    line: number;
}

/** What is known of one installation. */
export interface InspectedInstall {
    /** How people name its main object: `DaemonSet calico-node`. */
    title: string;
    /** What is known, for programs. */
    facts: Facts;
    /** What is known, for people. */
    rows: Array<Fact>;
}

/** One fact, for people. */
export interface Fact {
    /** What it is about. */
    name: string;
    /** What is so. */
    value: string;
    /** The line it was read from, from 1; null where it is a default or follows from others. */
    line: number | null;
}

/** What is wrong with files. */
export interface Lint {
    /** The version of this shape: 1. */
    version: number;
    /** Whether every file was read, and no finding is an error. */
    ok: boolean;
    /** What is wrong with the target. Where there is anything, `files` is empty. */
    problems: Array<TargetProblem>;
    /** The clusters that the files belong to. */
    clusters: Array<LintedCluster>;
    /** The files, in the order in which they were given. */
    files: Array<LintedFile>;
}

/** Files that belong to one cluster, and what they were checked for. */
export interface LintedCluster {
    /** The folder of its files, or the name of its only file. */
    name: string;
    /** The indexes of its files. */
    files: Array<number>;
    /** The stack that the files have: `dual-stack`, `ipv6-only` or `ipv4-only`; null if no file states an IP family. */
    stack: string | null;
    /** The stack that the files were checked for; null if only what is wrong for each stack was checked. */
    checkedFor: string | null;
}

/** The findings in one file. */
export interface LintedFile {
    /** The name that was given. */
    name: string;
    /** Why it could not be read; null where it was. */
    problem: Problem | null;
    /** The findings, in the order of the text. */
    findings: Array<LintFinding>;
    /** How many findings comments in the file suppress. */
    suppressed: number;
}

/** A finding, and what it is about. */
export interface LintFinding {
    /** The object: `DaemonSet kube-system/calico-node`; null outside of all objects. */
    object: string | null;
    /** The same for the same finding after other lines of the file have changed: made of rule, object and field. */
    fingerprint: string;
    /** The id of the rule. */
    rule: string;
    /** The rule's name: the pattern that it finds. */
    name: string;
    /** How bad it is here. */
    severity: Severity;
    /** What it is, one line. */
    message: string;
    /** What the place shows, in few words; may be empty. */
    label: string;
    /** What happens in the cluster. */
    consequence: string;
    /** What to do. */
    help: string;
    /** Where, as a path of fields. */
    path: string;
    /** Where in the text. */
    place: Place;
    /** The line where it begins, up to the end of its item; secrets, and other items of a line in flow style, are stars. Empty if the line is too long to be shown. */
    line: string;
    /** Other locations that belong to it, also in other files. */
    related: Array<Location>;
    /** Whether a transform stops here. */
    blocks: boolean;
    /** The changes that correct it; null if there are none. */
    fix: Fix | null;
}

/** New files from a target alone. */
export interface Generation {
    /** The version of this shape: 1. */
    version: number;
    /** Whether the files can be applied: the target is valid, nothing is missing and nothing is refused. */
    ok: boolean;
    /** What is wrong with the target. Where there is anything, `files` may lack some. */
    problems: Array<TargetProblem>;
    /** Options that are missing. The files that need them are not there. */
    missingOptions: Array<MissingOption>;
    /** The files. */
    files: Array<Generated>;
}

/** A new file. */
export interface Generated {
    /** The name of its kind. */
    kind: Kind;
    /** Its name; with a `/` where files belong into a folder of their own. */
    name: string;
    /** Its text. */
    text: string;
    /** What was found; an error says why it would not work. */
    findings: Array<Finding>;
}

/** A kind of file that can be written. */
export interface GeneratedKind {
    /** Its name. */
    name: Kind;
    /** What it is, one line. */
    about: string;
    /** The names of its files; some are only written where they are needed. */
    files: Array<string>;
}

/** Ranges for the addresses of a cluster, and what they hold. Numbers that may be larger than JavaScript's are texts. */
export interface AddressPlan {
    /** The version of this shape: 1. */
    version: number;
    /** Whether the ranges can be used. */
    ok: boolean;
    /** What is wrong with the request. Where there is anything, nothing is planned. */
    problems: Array<TargetProblem>;
    /** Ranges that cannot be found without being told. */
    missingOptions: Array<MissingOption>;
    /** The families, the primary one first. */
    families: Array<FamilyPlan>;
    /** What is wrong or odd about the ranges. */
    notes: Array<AddressNote>;
    /** What to give to a transform, or to generate: the ranges. */
    options: Array<TypedOption>;
}

/** The ranges of one family. */
export interface FamilyPlan {
    /** `IPv4` or `IPv6`. */
    family: "IPv4" | "IPv6";
    /** The range of pods. */
    pods: PlannedRange;
    /** The range of cluster IPs. */
    services: PlannedRange;
    /** The part of the range of pods that a node gets, as a prefix length. */
    nodeMask: number;
    /** The flag of the controller manager that must say it; null where it is the default. */
    nodeMaskFlag: string | null;
    /** How many nodes the range of pods has place for. */
    nodes: string;
    /** The prefix length of Calico's blocks. */
    blockSize: number;
    /** How many blocks there are. */
    blocks: string;
    /** How many blocks a node takes. */
    blocksPerNode: string;
    /** How many addresses of pods there are. */
    addresses: string;
    /** How many cluster IPs there are. */
    clusterIPs: string;
}

/** A range, and why it is that one. */
export interface PlannedRange {
    /** The range. */
    cidr: string;
    /** Whether it was given. */
    given: boolean;
    /** Why it has this size. */
    why: string;
}

/** Something that is wrong or odd about a range. */
export interface AddressNote {
    /** How bad it is. */
    severity: Severity;
    /** The id of the rule that says it; null where it is about numbers. */
    rule: string | null;
    /** What it is, one line. */
    message: string;
    /** What happens in the cluster. */
    consequence: string;
    /** What to do. */
    help: string;
}

/** An option with its value. */
export interface TypedOption {
    /** The flag of the command, without dashes. */
    option: string;
    /** The key of a target. */
    key: keyof Target;
    /** The value. */
    value: string;
}

/** Every rule. */
export interface Rules {
    /** The version of this shape: 1. */
    version: number;
    /** The version of the engine that has these rules. */
    engine: string;
    /** The rules, by id. */
    rules: Array<Rule>;
}

/** Where a fact comes from. */
export interface Reference {
    /** What it is, in words: the repository, its release and the file; an issue; the title of a page. */
    text: string;
    /** Its address. */
    url: string;
}

/** A rule. */
export interface Rule {
    /** Its id, such as `CNI-003`. Never reused. */
    id: string;
    /** The pattern that it finds, in kebab-case. */
    name: string;
    /** When it applies. */
    kind: RuleKind;
    /** How bad a finding is at the most. */
    severity: Severity;
    /** Whether there is a fix. */
    fix: Fixable;
    /** What it finds, one sentence. */
    finds: string;
    /** What happens in the cluster, and why. */
    consequence: string;
    /** What the fix does, or what to do by hand. */
    help: string;
    /** The releases that it depends on. */
    releases: Array<Release>;
    /** What the place may look like before; may be empty. */
    before: string;
    /** What it looks like afterwards; may be empty. */
    after: string;
    /** Where the facts come from: files of the upstream sources, issues, pages. */
    sources: Array<Reference>;
}

/** When a rule applies. */
export type RuleKind = "defect" | "target" | "migration";

/** Whether a rule can correct what it finds. */
export type Fixable = "always" | "sometimes" | "never";

/** Something that holds only for some releases. */
export interface Release {
    /** Whose releases are counted: `Calico`, `tigera/operator` ... */
    component: string;
    /** The releases, in words. */
    versions: string;
    /** What is so in them. */
    what: string;
}

/** One thing that can be asked for. */
export interface TargetOption {
    /** The key of a target. */
    key: keyof Target;
    /** The flag of the command, without dashes. */
    flag: string;
    /** How a form names it. */
    label: string;
    /** What its value looks like: `CIDR`, `BOOL` ... */
    value: string;
    /** The only values there are; empty where any text of the form is taken. */
    choices: Array<string>;
    /** What it does, one line. */
    help: string;
    /** The values of `to` with which it has no effect. */
    noEffectWith: Array<Target["to"]>;
}

/** A file that is edited. */
export interface ChangedFile extends TransformedFile {
    outcome: "changed";
    problem: null;
    /** The new text. */
    text: string;
}

/** A file that stays as it is. */
export interface KeptFile extends TransformedFile {
    outcome: Exclude<Outcome, "changed" | "unreadable">;
    problem: null;
    text: null;
}

/** A file that cannot be read. */
export interface UnreadableFile extends TransformedFile {
    outcome: "unreadable";
    /** Why it cannot be read. */
    problem: Problem;
    text: null;
}

/** What becomes of one file: `outcome` says which of these it is. */
export type Transformed = ChangedFile | KeptFile | UnreadableFile;



/**
 * Returns what is wrong with a target, whatever the files are.
 *
 * @throws TypeError where `target` is not of this type
 */
export function checkTarget(target: Readonly<Target>): TargetCheck;

/**
 * The page of a rule as Markdown, by its id or name; undefined where there is none.
 */
export function explain(rule: string): string | undefined;

/**
 * Writes new files of these kinds: `["installation", "kubeadm"]`, or one name.
 *
 * `problems` names what is wrong with the target, `missingOptions` what is missing.
 *
 * @throws TypeError where `kinds` names none of them, or `target` is not of this type
 */
export function generate(kinds: Kind | readonly Kind[], target: Readonly<Target>): Generation;

/**
 * Returns what is in the files: releases, variants, IP families, and the lines that state them.
 *
 * @throws TypeError where `files` is not of this type
 */
export function inspect(files: readonly SourceFile[]): Inspection;

/**
 * Everything that can be written, in the order in which help shows it.
 */
export function kinds(): GeneratedKind[];

/**
 * Checks the files, each cluster for itself. Without `to` in the target, or without a target, each cluster is checked for the
 * stack that it has.
 *
 * `problems` names what is wrong with the target; `problem` of a file says why that file cannot be read.
 *
 * @throws TypeError where `files` or `target` are not of these types
 */
export function lint(files: readonly SourceFile[], target?: Partial<Readonly<Target>>): Lint;

/**
 * Takes the texts of all rules, once: the module has none. Rules are separated by U+001E, and the fields of a rule by U+001F: id,
 * finds, consequence, help, before, after and sources, which U+001D separates. A source is a text, U+001C, and its address.
 */
export function loadRuleTexts(packed: string): void;

/**
 * Everything that a target can say, in the order in which help shows it.
 */
export function options(): TargetOption[];

/**
 * Plans addresses: ranges for so many nodes, pods and Services, and what given ranges hold.
 *
 * An IPv6 range that is not given is made of `random`, five random bytes: `crypto.getRandomValues(new Uint8Array(5))`.
 *
 * @throws TypeError where `request` is not of this type, or there are not five bytes
 */
export function planCidrs(request: Readonly<AddressRequest>, random?: Uint8Array | number[] | null): AddressPlan;

/**
 * Transforms all files of one cluster together: what one says is known to the others.
 *
 * `problems` names what is wrong with the target; `problem` of a file says why that file cannot be read.
 *
 * @throws TypeError where `files` or `target` are not of these types
 */
export function transform(files: readonly SourceFile[], target: Readonly<Target>): Transformation;

/**
 * A unique-local IPv6 range for pods (RFC 4193) of five random bytes: `crypto.getRandomValues(new Uint8Array(5))`.
 *
 * @throws TypeError where there are not five bytes
 */
export function uniqueLocalPodCIDR(random: Uint8Array | number[]): string;

/**
 * The version of the package.
 */
export function version(): string;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly checkTarget: (a: any) => [number, number, number];
    readonly explain: (a: number, b: number) => [number, number];
    readonly generate: (a: any, b: any) => [number, number, number];
    readonly inspect: (a: any) => [number, number, number];
    readonly kinds: () => [number, number, number];
    readonly lint: (a: any, b: any) => [number, number, number];
    readonly loadRuleTexts: (a: number, b: number) => void;
    readonly options: () => [number, number, number];
    readonly planCidrs: (a: any, b: number, c: number) => [number, number, number];
    readonly transform: (a: any, b: any) => [number, number, number];
    readonly uniqueLocalPodCIDR: (a: number, b: number) => [number, number, number, number];
    readonly version: () => [number, number];
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
