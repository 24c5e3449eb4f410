export {
  activeAlerts,
  type AlertCandidate,
  type AlertState,
  type AlertStates,
  evolveAlerts,
} from './alert-state.ts';
export {
  alertFor,
  alertLabelsOf,
  ALERTS,
  ALERTS_FOR_STATE,
  type InstantQuery,
  type ResultSample,
  type RuleSample,
  type TemplateContext,
} from './evaluate-rule.ts';
export { INSTANCE, isHostScoped } from './host-scope.ts';
export { nearestName } from './nearest-name.ts';
export { shippedPacks } from './packs.ts';
export { parseRuleFile, type ParsedRuleFile } from './parse-rule-file.ts';
export { type ForStateSample, OUTAGE_TOLERANCE_MS, restoreAlert } from './restore-alert.ts';
export {
  type AlertingRule,
  type FileProblem,
  formatProblem,
  type RecordingRule,
  type Rule,
  type RuleGroup,
} from './rule-file.ts';
export { resultSamples } from './result-samples.ts';
export { RuleGroupRunner, type RunnerEffects, type RunningRule } from './rule-group-runner.ts';
export {
  type LoadedRuleFile,
  type RuleFileLoader,
  type RuleTestOptions,
  type RuleTestReport,
  type RuleTestResult,
  runRuleTests,
} from './testing/run-rule-tests.ts';
export { constantOf, thresholdOf } from './threshold.ts';
