/** Every screen's address in one place. */
export const paths = {
  now: () => '/',
  incidents: () => '/incidents',
  incident: (number: number | string) => `/incidents/${encodeURIComponent(number)}`,
  problems: () => '/problems',
  problem: (number: number | string) => `/problems/${encodeURIComponent(number)}`,
  hosts: () => '/hosts',
  host: (instance: string) => `/hosts/${encodeURIComponent(instance)}`,
  capacity: () => '/capacity',
  filesystem: (instance: string, mountpoint: string) =>
    `/capacity?${new URLSearchParams({ instance, mountpoint })}`,
  rules: () => '/rules',
};
