/** What the API answers, as its description at /api/v1 promises. Seconds in `…_utc`, milliseconds in `…_ms`. */

export type Role = "reviewer" | "curator" | "administrator";
export type Label = "risk" | "no_risk";
export type Verdict = Label | "unsure";
export type Shelf = Verdict | "disputed";
export type Band = "low" | "raised" | "high" | "very high";

export interface Session {
  name: string;
  role: Role;
  expires_ms: number;
  /** Whether there is a password to change: not for who signs in elsewhere. */
  has_password: boolean;
  /** Whether nothing else can be done until a second factor is set up. */
  must_enrol: boolean;
  /** Whether this project shows scores of a person to who has said what they find, and nobody else. */
  is_blind: boolean;
  /** How many are to judge a case, none knowing what the others found. */
  opinions: number;
}

export interface SecondFactor {
  is_on: boolean;
  recovery_codes: number;
}

export interface OfferedFactor {
  secret: string;
  /** What an authenticator app opens. */
  uri: string;
}

export interface RecoveryCodes {
  codes: string[];
}

export interface SignInWays {
  password: boolean;
  /** Where to go for it, null where there is no such way. */
  oidc: string | null;
}

export interface OtherSession {
  begun_ms: number;
  seen_ms: number;
}

export interface OtherSessions {
  /** The one that was used last first. */
  sessions: OtherSession[];
}

export interface Page<Item> {
  items: Item[];
  cursor: string | null;
  /** How many documents of this part cannot be shown, since they hold something else than they must. */
  left_out: number;
}

export interface Alert {
  user: string;
  label: Label | null;
  /** What the reviews come to, also where that is no label. */
  shelf: Shelf | null;
  is_hidden: boolean;
  labelled_by: string | null;
  labelled_ms: number | null;
  hidden_by: string | null;
  hidden_ms: number | null;
  /** How many reviews there are: what a change is made of. */
  review_version: number;
  reviewed_by: string | null;
  reviewed_ms: number | null;
  /** When it was raised; the post that raised it, of `opened_utc`, may be years older. */
  raised_ms: number;
  opened_utc: number;
  opened_by: string | null;
  opened_after: number;
  threshold: number;
  updated_utc: number;
  probability: number | null;
  peak_probability: number | null;
  posts_since: number;
  band: Band | null;
  model: string;
  changed_ms: number;
  /** Whether what the model says is kept from this account until it has said what it finds: then it is null. */
  is_blind: boolean;
  /** Whether what colleagues find is kept from this account until it has said what it finds. */
  is_alone: boolean;
  /** Whether it has no label yet, and waits for others than this account. */
  is_done: boolean;
  /** How many say something of the case now. */
  opinions: number;
  /** Set where it has come back since it was reviewed. */
  again: Again | null;
  /** When it comes back in any case, and not before. */
  snoozed_ms: number | null;
  /** Who works on it, until `leased_ms` unless they go on. */
  leased_by: string | null;
  leased_ms: number | null;
}

/** How cases in the same band were judged: of those that are risk or no risk, how many are risk. */
export interface Precedents {
  band: Band;
  cases: number;
  confirmed: number;
  share: Share | null;
}

/** A word's share of all that words add, below 0 where it lowers; of the posts it was in. */
export interface WordShare {
  word: string;
  share: number;
  posts: number;
}

export interface UserWords {
  posts: number;
  words: WordShare[];
}

export interface NextCase {
  alert: Alert | null;
}

export interface Lease {
  account: string;
  until_ms: number;
  is_mine: boolean;
}

/** When and why an alert has come back, and how it was when it was reviewed; null where that is kept. */
export interface Again {
  at_ms: number;
  why: "risen" | "band" | "posts" | "date" | null;
  probability: number | null;
  posts: number | null;
}

export interface Counts {
  unlabelled: number;
  risk: number;
  no_risk: number;
  unsure: number;
  disputed: number;
  hidden: number;
  again: number;
}

export interface Act {
  at_ms: number;
  account: string;
  action: "label" | "unlabel" | "hide" | "unhide" | "settle" | "unsettle" | "review refused";
  label: Verdict | null;
}

export type Deed = "said" | "took back" | "settled" | "unsettled" | "hid" | "showed";

export interface Review {
  number: number;
  account: string;
  deed: Deed;
  verdict: Verdict | null;
  /** 1 not sure at all … 5 sure. */
  confidence: number | null;
  reason: string;
  note: string;
  at_ms: number;
  looked_ms: number | null;
  is_blind: boolean;
  probability: number | null;
  model: string | null;
  /** Whether it is what its account says now, or the decision or hiding that holds. */
  stands: boolean;
}

export interface Reviews {
  reviews: Review[];
  left_out: number;
}

/** What somebody has done with a case since it was read. */
export interface Conflict {
  account: string;
  deed: Deed;
  verdict: Verdict | null;
  at_ms: number;
}

export interface UserSummary {
  user: string;
  probability: number | null;
  threshold: number;
  posts: number;
  first_utc: number;
  last_utc: number;
  model: string;
  has_alert: boolean;
  label: Label | null;
  is_blind: boolean;
}

export interface Forget {
  user: string;
  status: "requested" | "done";
  requested_ms: number;
  requested_by: string;
  done_ms: number | null;
}

export interface User extends UserSummary {
  alert: Alert | null;
  submissions: number;
  comments: number;
  forget: Forget | null;
}

/** `[created_utc, probability, post id, index into models]` */
export type Point = [number, number, string, number];

export interface Probabilities {
  user: string;
  threshold: number;
  total: number;
  is_downsampled: boolean;
  trigger: string | null;
  points: Point[];
  models: string[];
}

/** A word and what it adds to a post's own score: above 0 it raises, below 0 it lowers. */
export type Contribution = [string, number];

export interface Post {
  id: string;
  kind: "submission" | "comment";
  subreddit: string;
  created_utc: number;
  title: string;
  body: string;
  permalink: string;
  post_probability: number | null;
  user_probability: number | null;
  words: Contribution[];
  model: string | null;
  is_trigger: boolean;
}

export interface Datasets {
  datasets: { label: Label | "all"; users: number }[];
  formats: DatasetFormat[];
}

export type DatasetFormat = "jsonl" | "csv" | "erisk";

export interface NodeStatistics {
  name: string;
  running: number;
  in_per_s: number | null;
  out_per_s: number | null;
  lag: number | null;
  dead_letters: number;
  /** How often an instance was started anew, or came back after silence, while the server looked. */
  restarts: number;
  restarted_ms: number | null;
}

export interface Screening {
  /** Nothing waits, some does and is handled, some does and is not, no node is there. */
  state: "ready" | "works" | "stands" | "off";
  waiting: number;
  nodes: string[];
  since_ms: number | null;
}

export interface Statistics {
  at_ms: number;
  posts: number;
  users: number;
  alerts: Counts;
  posts_per_s: number | null;
  users_per_min: number | null;
  screening: Screening;
  nodes: NodeStatistics[];
}

export type Series = (number | null)[];

export interface StatisticsHistory {
  step_s: number;
  at_ms: number[];
  posts_per_s: Series;
  users_per_min: Series;
  nodes: { name: string; in_per_s: Series; out_per_s: Series; lag: Series }[];
}

/** Agreement beyond chance: 1 is full, 0 none; with its 95 % interval. */
export interface Coefficient {
  value: number;
  low: number;
  high: number;
}

export interface Share {
  value: number;
  low: number;
  high: number;
}

/** Answers that were given without the score, and how many are another one since it was seen. */
export interface FirstLooks {
  looks: number;
  changed: number;
  share: Share | null;
}

export interface ReviewerPair {
  one: string;
  other: string;
  cases: number;
  agreed: number;
  kappa: Coefficient | null;
}

export interface Agreement {
  /** Those that two reviewers have judged at least. */
  cases: number;
  reviewers: number;
  alpha: Coefficient | null;
  ac2: Coefficient | null;
  /** Empty for who is no administrator. */
  pairs: ReviewerPair[];
}

export interface TopologyNode extends NodeStatistics {
  service: string;
  kind: "source" | "middle" | "leaf" | "server";
  replicas: number;
  reads: string[];
  writes: { port: string; topic: string }[];
  last_error: string | null;
  /** Until when a person wants it to stand still. */
  paused_until_ms: number | null;
}

export interface InstanceSaid {
  instance: string;
  is_done: boolean;
  /** What is so now; null where it has not answered. */
  effect: string | null;
}

export interface Asked {
  is_done: boolean;
  instances: InstanceSaid[];
}

export interface Topology {
  name: string;
  partitions: number;
  nodes: TopologyNode[];
  topics: { name: string; records: number | null; is_external: boolean }[];
}

export interface Versions {
  code: string;
  models: {
    version: string;
    about: string;
    card: string;
    is_current: boolean;
    users: number | null;
    terms: number | null;
    threshold: number | null;
    f1: number | null;
  }[];
  note: string;
}

export interface DeadLetterGroup {
  topic: string;
  reason: string;
  node: string;
  letters: number;
}

export interface DeadLetter {
  partition: number;
  offset: number;
  at_ms: number;
  reason: string;
  node: string;
  traceback: string | null;
  key: string | null;
  value: unknown;
}

export type LiveEvent =
  | { type: "hello"; name: string; role: Role }
  | { type: "alerts"; alerts: Alert[]; counts: Counts }
  | ({ type: "statistics" } & Statistics)
  | { type: "forgotten"; users: string[] };

export interface AuditEvent {
  at_ms: number;
  /** Empty where somebody tried to sign in who has no account. */
  account: string;
  action: string;
  /** Whom it is about, as a pseudonym. */
  subject: string | null;
  detail: Record<string, string | number | boolean | null>;
}

export type TopicLabel = "signs" | "no_signs" | "not_sure";
export type TopicSourceName = "held" | "collection" | "reddit" | "bluesky";
export type TopicState = "waiting" | "running" | "stopped" | "done";

export interface TopicSource {
  name: TopicSourceName;
  found: number;
  is_done: boolean;
  problem: string;
}

export interface Topic {
  id: string;
  query: string;
  sources: TopicSource[];
  languages: string[];
  places: string[];
  from_utc: number | null;
  until_utc: number | null;
  most: number;
  is_watch: boolean;
  state: TopicState;
  found: number;
  judged: number;
  created_ms: number;
  created_by: string;
  changed_ms: number | null;
}

export interface TopicList {
  topics: Topic[];
  sources: TopicSourceName[];
  left_out: number;
}

export interface LabelCounts {
  signs: number;
  no_signs: number;
  not_sure: number;
}

export interface TopicMoment extends LabelCounts {
  at_utc: number;
  share: Share | null;
}

export interface TopicValue extends LabelCounts {
  value: string;
}

export interface TopicWord {
  word: string;
  signs: number;
  no_signs: number;
  z: number;
}

export interface TopicWords {
  frequent: TopicWord[];
  telling: TopicWord[];
}

export interface TopicCounts {
  posts: number;
  is_whole: boolean;
  labels: LabelCounts;
  share: Share | null;
  step_s: number;
  moments: TopicMoment[];
  places: TopicValue[];
  languages: TopicValue[];
  sources: TopicValue[];
  hashtags: TopicValue[];
  signs: TopicWords;
  no_signs: TopicWords;
}

export interface TopicPost {
  id: string;
  author: string;
  created_utc: number;
  title: string;
  body: string;
  source: TopicSourceName;
  language: string;
  stated: string;
  place: string;
  hashtags: string[];
  label: TopicLabel;
  probability: number;
  threshold: number;
  words: Contribution[];
  model: string;
}
