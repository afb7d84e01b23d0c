// What the hub tells the pages: made by docs/make_api_types.py, not by hand.

/** What to do about a finding: a button of the page, or a command. */
export interface Action {
  kind: "hunt" | "decoy_hunts" | "sensitivity" | "confirm" | "rescore";
  label: string;
  command: string;
  changes: Record<string, unknown>;
  job_uuid: string | null;
  number: number | null;
  seconds: number | null;
  can_succeed: boolean;
}

/** The curves of lines in a ball around a random point of the search space. */
export interface Ball {
  volume_share: number;
  mean_runs: number;
  empty: number;
  curves: Partial<Record<"reached" | "position" | "as_good", Curve>>;
}

/** The hunt's best run beside the goals. */
export interface BestReading {
  job_uuid: string;
  gauges: Gauge[];
}

/** The best run of a hunt: the final result. */
export interface BestRun {
  job_uuid: string;
  hunt_id: string;
  generation: number;
  index: number;
  fitness: number;
  log_prime_sse: number;
  sdg_h_norm_l2: number;
  metrics: Metrics;
  sncgl_params: SncglParams;
  simulation: SimulationOptions;
  model: "sncgl_sdg" | "sncgl_flat" | "fmia";
  global_seed: number;
  verdict: Verdict;
  /** in the results of ended hunts */
  recommended: Recommended | null;
  /** by objective */
  variance_share: Record<string, VarianceShare>;
}

/** A peak of the spectrum that took part in the assignment. */
export interface Candidate {
  k: number;
  excess: number;
  confidence: number;
}

/** What the hunt's decoy hunts found. */
export interface Chance {
  n: number;
  low: number | null;
  high: number | null;
  as_good: number;
  p_hunt: number;
  n_hunts: number;
  p_holm: number;
}

/** One metric of a refinement against the base: the ratio of H-norms, or difference of SSEs. */
export interface Comparison {
  group: "base" | "finer_grid" | "half_step" | "larger_box" | "float64";
  metric: "log_prime_sse" | "sdg_h_norm_l2";
  estimate: number;
  low: number;
  high: number;
  limits: number[];
  p: number;
  outcome: "equivalent" | "different" | "unresolved";
}

/** A component as its manifest describes it. */
export interface ComponentInfo {
  name: string;
  version: string;
  description: string;
  script_to_run: string;
  dependencies: string[];
  inputs: Input[];
  outputs: Output[];
  tunable_variables: TunableInfo[];
  trigger: TriggerState | null;
}

/** The newest 50 runs of components, the newest first. */
export interface ComponentRunList {
  runs: ComponentRunState[];
}

/** One run of a component as it stands. */
export interface ComponentRunState {
  run_uuid: string;
  component: string;
  version: string;
  state: "running" | "done" | "failed" | "cancelled" | "interrupted";
  values: Record<string, boolean | number | string>;
  command: string;
  /** seconds since 1970 */
  started_at: number;
  ended_at: number | null;
  message: string | null;
  outputs: OutputState[];
}

/** Every component, and every manifest that is refused. */
export interface Components {
  components: ComponentInfo[];
  problems: ManifestProblem[];
  layer2: Layer2Status;
}

/** `confirmation.json`: discovery and confirmation side by side. */
export interface ConfirmationReport {
  schema_version: 2;
  measure_version: number;
  job_uuid: string;
  hunt_id: string;
  discovery: Discovery;
  groups: JudgedGroup[];
  comparisons: Comparison[];
  pooled: Pooled | null;
  outcome: "passed" | "not passed" | "unresolved";
  findings: string[];
  started_at: string | null;
  ended_at: string | null;
}

/** How far the confirmation of a run is, with its report once it is complete. */
export interface ConfirmationState {
  job_uuid: string;
  /** `former`: only an earlier version's, shown and used for no verdict */
  state: "none" | "former" | "running" | "interrupted" | "error" | "complete";
  /** why the last sitting ended, for `error` */
  message: string | null;
  done: number;
  total: number;
  /** estimate for the runs that are left, from the run's own time; null while running, when complete, and where it cannot be confirmed */
  seconds_left: number | null;
  report: ConfirmationReport | FormerReport | null;
}

/** In how many trials something was found, by the height of the lines. */
export interface Curve {
  found: number[];
  share: number[];
  low: number[];
  high: number[];
  a50: number | null;
  a95: number | null;
  a50_interval: [number | null, number | null];
  a95_interval: [number | null, number | null];
}

/** The run as the search found it; its p-values are uncorrected for selection. */
export interface Discovery {
  global_seed: number;
  simulation: SimulationOptions;
  metrics: Metrics;
}

/** One number, or name, that a finding rests on, and the file of the home that has it. */
export interface Evidence {
  name: string;
  value: number | string;
  source: string;
}

/** The mean of an objective over fresh seeds, and the interval for the mean of so many. */
export interface Expected {
  mean: number;
  low: number;
  high: number;
}

/** One analysis that did not end well. */
export interface Failure {
  component: string;
  job_uuid: string;
  message: string;
  at: number;
}

/** Why a job has no metrics. */
export type FailureReason = "NONFINITE" | "AMPLITUDE_CAP" | "STEP_FAILURE" | "WORKER_CRASHED" | "WORKER_TIMEOUT" | "WORKER_LOST" | "VALIDATOR_CRASHED" | "VALIDATOR_TIMEOUT" | "BAD_ARTIFACT" | "BAD_METRICS";

/** One wrong field and what is allowed there. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** A Plotly figure. */
export interface Figure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** Something to know about a hunt, and what to do about it. */
export interface Finding {
  rule: "confirm" | "unscored" | "bound" | "failures" | "chance" | "sensitivity" | "standing_still";
  words: string;
  because: string;
  threshold: number;
  evidence: Evidence[];
  action: Action | null;
}

/** What a finding's action has begun: the confirmation of a run, or a component's run. */
export interface FindingBegun {
  status: string;
  /** the run that is confirmed */
  job_uuid: string | null;
  /** of the component's run */
  run_uuid: string | null;
}

/** `confirmation.json` of version 1, kept to be shown: no verdict uses it. */
export interface FormerReport {
  schema_version: 1;
  job_uuid: string;
  hunt_id: string;
  discovery: Discovery;
  groups: Group[];
  pooled: Pooled | null;
  passed: boolean;
  findings: string[];
}

/** One criterion of the verdict for the best run. */
export interface Gauge {
  name: "log_prime_sse" | "sdg_h_norm_l2" | "sdg_h_norm_relative" | "n_targets_resolved";
  value: number;
  goal: number;
  met: boolean;
  band: number[] | null;
}

/** Replicates at the same settings; `spread`, by metric, is that of the complete ones. */
export interface Group {
  name: "base" | "finer_grid" | "half_step" | "larger_box" | "float64";
  simulation: SimulationOptions;
  runs: Replicate[];
  spread: Partial<Record<"log_prime_sse" | "sdg_h_norm_l2" | "sdg_h_norm_relative", Spread>>;
}

/** What a hunt was, and what came of it. */
export interface HuntDetails {
  complete: number;
  failed: number;
  best_run: string | null;
  best_sse: number | null;
  best_h_norm: number | null;
  /** how long a job took lately */
  median_seconds: number | null;
  /** complete runs without a score, by why */
  unscored: Partial<Record<"other_measure" | "under_resolved" | "floor_limited" | "transient", number>>;
  /** how many runs have no score, why, and what would help; null where all have */
  without_score: string | null;
  hunt_id: string;
  current: boolean;
  name: string;
  tags: string[];
  /** as hunt_status; Interrupted for one that was left */
  status: string | null;
  started_at: string | null;
  /** null while it is under way */
  ended_at: string | null;
  /** jobs of the whole hunt */
  total: number | null;
  /** of its best run, once it has ended */
  verdict: "reached" | "confirmed" | "not reached" | null;
  first_generation: number;
  last_generation: number;
  /** its order with every default, and how far it came */
  plan: HuntPlan | null;
  result: BestRun | NoBestRun;
  /** golden_parameters.json of its best run */
  golden: Record<string, unknown> | null;
}

/** `hunt.json`: the order of the current hunt with every default filled in, and how far it is. */
export interface HuntPlan {
  schema_version: 1;
  hunt_id: string;
  seed: number;
  num_generations: number;
  population_size: number;
  sampler: "gp" | "tpe" | "nsga2" | "nsga3" | "random";
  model: "sncgl_sdg" | "sncgl_flat" | "fmia";
  runner: "pool" | "subprocess" | "dask";
  simulation: SimulationOptions;
  fixed_params: SncglParams;
  search_space: Record<string, number[]>;
  points: Record<string, number>[];
  measure_version: number;
  comb: number[] | null;
  max_wall_s: number | null;
  max_stagnation: number | null;
  polish_generations: number;
  seeds_per_candidate: number;
  design_sha256: string;
  first_generation: number;
  generation: number;
  job_uuids: string[];
  state: "Running" | "Paused" | "Stopped" | "Completed" | "Error";
  message: string | null;
  started_at: string | null;
  ended_at: string | null;
}

/** What a hunt would have seen, or how to find out. */
export interface HuntSensitivity {
  hunt_id: string;
  report: Sensitivity | null;
  figure: Figure | null;
  estimate_s: number | null;
  problem: string | null;
}

/** One hunt of the home; what its plan says is null where none was kept (before 11.1). */
export interface HuntSummary {
  complete: number;
  failed: number;
  best_run: string | null;
  best_sse: number | null;
  best_h_norm: number | null;
  /** how long a job took lately */
  median_seconds: number | null;
  /** complete runs without a score, by why */
  unscored: Partial<Record<"other_measure" | "under_resolved" | "floor_limited" | "transient", number>>;
  /** how many runs have no score, why, and what would help; null where all have */
  without_score: string | null;
  hunt_id: string;
  current: boolean;
  name: string;
  tags: string[];
  /** as hunt_status; Interrupted for one that was left */
  status: string | null;
  started_at: string | null;
  /** null while it is under way */
  ended_at: string | null;
  /** jobs of the whole hunt */
  total: number | null;
  /** of its best run, once it has ended */
  verdict: "reached" | "confirmed" | "not reached" | null;
  first_generation: number;
  last_generation: number;
}

/** How long a hunt will take, in seconds, as far as it is known. */
export interface HuntTime {
  jobs: number;
  /** of the same size, from the newest hunt of such */
  job: JobTime | null;
  /** whether its programs are on this machine */
  compiled: boolean | null;
  /** null where compiled, or not known */
  compile_s: number | null;
  /** of the whole hunt, at most its limit of time */
  seconds: number | null;
}

/** Every hunt of the home, the newest first. */
export interface Hunts {
  hunts: HuntSummary[];
}

/** What a component is given beside its tunables. */
export interface Input {
  /** 1 to 40 lower-case letters, digits or _, beginning with a letter */
  name: string;
  type: "string:uuid" | "path:json";
  source: "new" | "run" | "provenance";
  option: string | null;
  description: string | null;
}

/** The median seconds of a job of a size, and of how many jobs of this home. */
export interface JobTime {
  seconds: number;
  runs: number;
}

/** A group, and whether it holds without regard to the other groups. */
export interface JudgedGroup {
  name: "base" | "finer_grid" | "half_step" | "larger_box" | "float64";
  simulation: SimulationOptions;
  runs: Replicate[];
  spread: Partial<Record<"log_prime_sse" | "sdg_h_norm_l2" | "sdg_h_norm_relative", Spread>>;
  holds: boolean;
  findings: string[];
}

/** The queue of the triggered components. */
export interface Layer2Status {
  waiting: number;
  skipped: number;
  failures: Failure[];
}

/** What a file of parameters holds, as the order of a hunt. */
export interface LoadedParameters {
  kind: string;
  order: StartBody;
  taken: TakenValue[];
  /** what has no counterpart; with ignore_unknown */
  left_out: FieldProblem[];
}

/** Why a manifest is refused. */
export interface ManifestProblem {
  file: string;
  field: string;
  message: string;
}

/** What the validator measured (docs/metrics.md). p-values are uncorrected discovery values. */
export interface Metrics {
  log_prime_sse: number;
  sdg_h_norm_l2: number;
  sdg_h_norm_relative: number;
  sdg_h_norm_max: number;
  sdg_h_norm_l2_fd: number;
  n_targets_resolved: number;
  n_candidates: number;
  p_position: number | null;
  p_lines: number | null;
  log_prime_sse_scaled: number;
  log_prime_scale: number | null;
  p_scaled: number | null;
  log_prime_sse_multi_ray: number;
  bssn_h_norm_l2: number;
  bssn_momentum_l2: number;
  tail_ratio: number;
  under_resolved: boolean;
  degenerate: "no_contrast" | "too_few_shells" | null;
  measure_version: number;
  matched_filter: number | null;
  p_matched: number | null;
  noise_floor: number | null;
  floor_limited: boolean;
  n_floor_limited: number;
  floor_k: number | null;
  settled: boolean | null;
  transient: string | null;
}

/** What stands in its place while no run has succeeded. */
export interface NoBestRun {
  error: string;
}

/** The body of a request that says everything by its address: empty or `{}`. */
export interface Nothing {
}

/** A file that a component leaves, at `path` below the home folder. */
export interface Output {
  /** 1 to 40 lower-case letters, digits or _, beginning with a letter */
  name: string;
  type: "path:csv" | "path:json" | "path:png" | "path:txt" | "path:h5";
  /** a path below the home folder, of letters, digits, _ . - / and {input} */
  path: string;
  description: string | null;
}

/** A file that the run leaves, and whether it is there. */
export interface OutputState {
  name: string;
  type: string;
  path: string;
  there: boolean;
}

/** Names and limits that the pages' scripts share with the program. */
export interface PageConstants {
  group_names: Partial<Record<"base" | "finer_grid" | "half_step" | "larger_box" | "float64", string>>;
  compared_metrics: ("log_prime_sse" | "sdg_h_norm_l2")[];
  judged_metrics: ("log_prime_sse" | "sdg_h_norm_l2" | "sdg_h_norm_relative")[];
  unmatched_cost: number;
  most_compared: number;
  active_states: string[];
}

/** The base replicates pooled: the p-values of a confirmation, all but p_lines from decoys. */
export interface Pooled {
  n_snapshots: number;
  log_prime_sse: number;
  n_targets_resolved: number;
  p_position: number | null;
  p_lines: number | null;
  matched_filter: number | null;
  p_matched: number | null;
}

/** Every error; `errors` is empty where no field is at fault. */
export interface Problem {
  message: string;
  errors: FieldProblem[];
}

/** How far a hunt is; times and rates are of this sitting, without pauses and its opening. */
export interface Progress {
  generation: number;
  generations: number;
  done: number;
  failed: number;
  total: number;
  eta_s: number | null;
  jobs_per_minute: number | null;
  /** before the first result: its programs are being compiled */
  compiling: boolean;
  /** seconds until the first result; null where not known, or it is there */
  first_result_s: number | null;
  states: Record<string, number>;
}

/** The hunts that wait, in their order. */
export interface Queue {
  hunts: QueueEntry[];
  /** why it does not go on by itself, null where it does */
  held: string | null;
  /** how many may wait */
  most: number;
}

/** A hunt that waits, and how large it is. */
export interface QueueEntry {
  hunt_id: string;
  /** as it was asked for: the body of a start */
  order: Record<string, unknown>;
  /** UTC, as in 2026-11-27T04:16:11.123+00:00 */
  queued_at: string;
  problem: string | null;
  /** null where the order is not possible any more */
  time: HuntTime | null;
}

/** What the status says of the queue of hunts. */
export interface QueueShown {
  /** hunts that are to begin */
  waiting: number;
  /** hunts that have become impossible */
  set_aside: number;
  /** why it does not go on by itself, null where it does */
  held: string | null;
  /** another number after each change of the queue */
  version: number;
}

/** What a hunt means. */
export interface Reading {
  schema_version: 1;
  hunt_id: string;
  measure_version: number;
  complete: boolean;
  n_runs: number;
  n_with_score: number;
  verdict: "reached" | "confirmed" | "not reached" | null;
  sentence: string;
  best: BestReading | null;
  chance: Chance | null;
  a95: number | null;
  upper_limit: number | null;
  findings: Finding[];
}

/** The candidate of the best posterior mean (docs/search.md); not the luckiest single run. */
export interface Recommended {
  candidate: string;
  runs: number;
  sncgl_params: SncglParams;
  expected: Record<string, Expected>;
  fresh_seeds: number;
  level: number;
}

/** One run of a confirmation. */
export interface Replicate {
  job_uuid: string;
  global_seed: number;
  metrics: Metrics | null;
  error: RunError | null;
}

/** The whole record of a run, and what follows from it. */
export interface RunDetails {
  schema_version: 1;
  job_uuid: string;
  hunt_id: string;
  generation: number;
  index: number;
  origin: string;
  candidate: string | null;
  state: RunState;
  metrics: Metrics | null;
  extra_metrics: Record<string, number | null>;
  earlier_metrics: Metrics[];
  error: RunError | null;
  model: "sncgl_sdg" | "sncgl_flat" | "fmia";
  sncgl_params: SncglParams;
  simulation: SimulationOptions;
  global_seed: number;
  config_sha256: string;
  comb: number[] | null;
  artifact_sha256: string | null;
  versions: Record<string, string>;
  reproducible: boolean | null;
  seconds: Seconds;
  started_at: string | null;
  ended_at: string | null;
  fitness: number | null;
  verdict: Verdict | null;
  has_artifact: boolean;
  /** why its fields were removed by policy */
  artifact_removed: string | null;
  note: string;
  hidden: boolean;
}

/** What the solver noted at the end of every frame; a series for each name, as long as `t`. */
export interface RunDiagnostics {
  job_uuid: string;
  t: number[];
  series: Record<string, number[]>;
  /** in the artifact; of more than 2,000 every n-th is here */
  frames: number;
  /** of the fields: where a failed run was last finite */
  last_good_time: number;
  /** T_steps * dt, where it was to end */
  end_time: number;
}

/** Why a job failed: a reason from the list, and a sentence. */
export interface RunError {
  reason: FailureReason;
  message: string;
  last_lines: string[];
}

/** Lines of the hunt's log that name the run, oldest first. */
export interface RunLog {
  job_uuid: string;
  lines: string[];
  /** how many there are; `lines` are the newest 500 of them */
  total: number;
}

/** One run in the table. */
export interface RunRow {
  job_uuid: string;
  hunt_id: string;
  generation: number;
  index: number;
  state: string;
  reason: string | null;
  log_prime_sse: number | null;
  sdg_h_norm_l2: number | null;
  constraint_violation: number | null;
  no_score: "other_measure" | "under_resolved" | "floor_limited" | "transient" | null;
  fitness: number | null;
  seconds: number;
  /** of its hunt */
  best: boolean;
  note: string;
  hidden: boolean;
}

/** The density's spectrum over shells, recomputed from the artifact; k in radians per length. */
export interface RunSpectrum {
  job_uuid: string;
  box_length: number;
  log_prime_sse: number;
  degenerate: "no_contrast" | "too_few_shells" | null;
  /** of the power; ten times it is the limit */
  noise_floor: number | null;
  k: number[];
  power: number[];
  /** null where a shell is floor-limited */
  background: (number | null)[];
  /** standard deviation of ln power */
  noise: (number | null)[];
  /** (ln power - ln background) / noise */
  excess: (number | null)[];
  candidates: Candidate[];
  matches: SpectrumMatch[];
  targets: Target[];
}

/** State of a committed job. */
export type RunState = "COMPLETE" | "FAILED";

/** One page of the table of runs. */
export interface RunsPage {
  runs: RunRow[];
  page: number;
  pages: number;
  per_page: number;
  total: number;
  summary: Summary;
}

/** Wall time of the two halves of a job, in seconds; None for a half that did not end. */
export interface Seconds {
  simulation: number | null;
  validation: number | null;
}

/** The sensitivity of a hunt to lines in the spectra of its runs. */
export interface Sensitivity {
  schema_version: 1;
  hunt_id: string;
  measure_version: number;
  seed: number;
  comb: number[] | null;
  statistic: "smallest log_prime_sse of the runs that count";
  n_runs: number;
  n_without_artifact: number;
  observed_best: number;
  p_position: number;
  n_decoys: number;
  line_width: number;
  n_trials: number;
  n_rank_decoys: number;
  heights: number[];
  balls: Ball[];
}

/** The `simulation` object of a config file: grid, time, precision, what is kept. */
export interface SimulationOptions {
  geometry: "coevolve" | "constraint";
  dimensions: 2 | 3;
  /** an even integer from 16 to 1,024 */
  N_grid: number;
  box_length: number;
  dt: number;
  step_control: "controlled" | "fixed";
  T_steps: number;
  precision: "float32" | "float64";
  dealias: number;
  n_frames: number;
  n_snapshots: number;
  initial_amplitude: number;
  /** a list of at most 16 numbers from 0 to 1,000, as [0.69, 1.1] */
  source_rings: number[];
}

/** Parameters of the models (docs/equations.md), all dimensionless; each uses its own. */
export interface SncglParams {
  epsilon: number;
  c1: number;
  c3: number;
  g_nonlocal: number;
  sigma_k: number;
  k0: number;
  kappa: number;
  lambda_sdg: number;
  source_amplitude: number;
  source_k: number;
  source_width: number;
  diffusion: number;
  lambda_cubic: number;
  eta: number;
}

/** A candidate assigned to a target; `cost` is its share of the SSE. */
export interface SpectrumMatch {
  /** the target is its logarithm; null in a decoy hunt */
  prime: number | null;
  target: number;
  k: number;
  excess: number;
  cost: number;
}

/** The spread of one metric over the complete runs of a group, from seed to seed. */
export interface Spread {
  n: number;
  mean: number;
  std: number | null;
  median: number;
  min: number;
  max: number;
}

/** A hunt's order; an absent or null field means its default. */
export interface StartBody {
  num_generations: number | null;
  population_size: number | null;
  seed: number | null;
  sampler: "gp" | "tpe" | "nsga2" | "nsga3" | "random" | null;
  model: "sncgl_sdg" | "sncgl_flat" | "fmia" | null;
  runner: "pool" | "subprocess" | "dask" | null;
  max_wall_s: number | null;
  max_stagnation: number | null;
  polish_generations: number | null;
  seeds_per_candidate: number | null;
  simulation: SimulationOptions | null;
  params: Record<string, number | number[]> | null;
  points: Record<string, number>[] | null;
}

/** The bytes of `hub_status.json`. */
export interface Status {
  /** Idle, Running, Paused, Stopping, Stopped, Completed, Interrupted or Error: ... */
  hunt_status: string;
  reason: string | null;
  last_event: string;
  last_event_at: number | null;
  last_sse: string;
  last_h_norm: string;
  found_files: string[];
  found_count: number;
  /** the best run once the hunt has ended, until then an empty object */
  final_result: BestRun | NoBestRun | Nothing;
  progress: Progress;
  resumable: boolean;
  hunt_id: string | null;
  queue: QueueShown;
}

/** Counts and bests of the current hunt. */
export interface Summary {
  complete: number;
  failed: number;
  best_run: string | null;
  best_sse: number | null;
  best_h_norm: number | null;
  /** how long a job took lately */
  median_seconds: number | null;
  /** complete runs without a score, by why */
  unscored: Partial<Record<"other_measure" | "under_resolved" | "floor_limited" | "transient", number>>;
  /** how many runs have no score, why, and what would help; null where all have */
  without_score: string | null;
}

/** A name in the file, what it is in an order, and its value. */
export interface TakenValue {
  name: string;
  becomes: string;
  value: unknown;
}

/** A place in k that is looked at, and whether this grid can tell it from its neighbours. */
export interface Target {
  /** whose logarithm k is; null in a decoy hunt */
  prime: number | null;
  k: number;
  resolved: boolean;
}

/** Whether the hub runs a component on each new record, and what came of it so far. */
export interface TriggerState {
  on: boolean;
  done: number;
  failed: number;
}

/** A tunable, and in words what it may be. */
export interface TunableInfo {
  /** 1 to 40 lower-case letters, digits or _, beginning with a letter */
  name: string;
  /** 1 to 1,000 characters */
  label: string;
  type: "int" | "float" | "str" | "bool";
  min: number | null;
  max: number | null;
  choices: string[];
  default: boolean | number | string;
  option: string | null;
  description: string | null;
  allowed: string;
}

/** The parameters' share of the variance of a single run, with its interval. */
export interface VarianceShare {
  share: number;
  low: number;
  high: number;
  level: number;
  candidates: number;
  runs: number;
}

/** The verdict on a run, in the words of docs/controls.md; None means not known. */
export interface Verdict {
  scientific: "reached" | "confirmed" | "not reached";
  engineering: string | null;
  engineering_passed: boolean | null;
  confirmation: "passed" | "not passed" | "unresolved" | null;
  p_position: number | null;
  p_matched: number | null;
  p_lines: number | null;
  p_hunt: number | null;
  p_flat: number | null;
  n_null_hunts: Partial<Record<"decoys" | "flat", number>>;
  a95: number | null;
  a_upper_limit: number | null;
  missing: string[];
}