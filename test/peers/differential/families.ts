export type LabelSet = Readonly<Record<string, string>>;

/** How the values of a family run. */
export type Course =
  | 'counter'
  | 'gauge'
  | 'bytes'
  | 'level'
  | 'one'
  | 'hostile'
  | 'date'
  | 'histogram'
  | 'rough';

/** A metric's name with its series. A histogram has `_bucket`, `_sum` and `_count` series for each label set. */
export interface Family {
  readonly name: string;
  readonly course: Course;
  readonly labelSets: readonly LabelSet[];
}

const job = ['api', 'db'];
const instance = ['a', 'b', 'c'];

export const BUCKETS: readonly string[] = ['0.05', '0.1', '0.5', '1', '2.5', '+Inf'];

/** What is written to both servers: label sets that match one to one, many to one, in part and not at all. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'requests_total',
    course: 'counter',
    labelSets: product({ job, instance, code: ['200', '404', '500'] }),
  },
  {
    name: 'cpu_seconds_total',
    course: 'counter',
    labelSets: product({ job: ['api'], instance, mode: ['idle', 'user'] }),
  },
  { name: 'temperature_celsius', course: 'gauge', labelSets: product({ job, instance, zone: ['0', '1'] }) },
  { name: 'memory_used_bytes', course: 'bytes', labelSets: product({ job, instance }) },
  { name: 'memory_size_bytes', course: 'bytes', labelSets: product({ job, instance }) },
  { name: 'queue_level', course: 'level', labelSets: product({ job, instance, lane: ['x', 'y'] }) },
  { name: 'odd', course: 'hostile', labelSets: product({ job: ['api'], instance }) },
  { name: 'started_time_seconds', course: 'date', labelSets: product({ job: ['db'], instance }) },
  { name: 'disk.used', course: 'gauge', labelSets: product({ instance, 'mount.point': ['/', '/var'] }) },
  { name: 'latency_seconds', course: 'histogram', labelSets: product({ job, instance }) },
  {
    name: 'rough_bucket',
    course: 'rough',
    labelSets: product({ instance: ['a', 'b'], le: ['0.1', '1', '1.0', '10', 'many'] }),
  },
  {
    name: 'job_info',
    course: 'one',
    labelSets: [
      { job: 'api', team: 'blue', version: '1.2' },
      { job: 'db', team: 'red', version: '10' },
    ],
  },
  {
    name: 'instance_info',
    course: 'one',
    labelSets: instance.map((name, index) => ({ instance: name, dc: index === 0 ? 'east' : 'west' })),
  },
];

export const LABEL_VALUES: Readonly<Record<string, readonly string[]>> = {
  job,
  instance,
  code: ['200', '404', '500'],
  mode: ['idle', 'user'],
  zone: ['0', '1'],
  lane: ['x', 'y'],
  le: BUCKETS,
  team: ['blue', 'red'],
  dc: ['east', 'west'],
};

/** Every combination of the labels' values. */
function product(values: Readonly<Record<string, readonly string[]>>): LabelSet[] {
  return Object.entries(values).reduce<LabelSet[]>(
    (sets, [name, choices]) => sets.flatMap((set) => choices.map((value) => ({ ...set, [name]: value }))),
    [{}],
  );
}
