/** CPU numbers of a kernel list like `0-3,8`. A malformed part is left out. */
export function parseCpuList(list: string): number[] {
  const cpus: number[] = [];
  for (const part of list.trim().split(',')) {
    const [from, to = from] = part.split('-', 2);
    const first = Number.parseInt(from ?? '', 10);
    const last = Number.parseInt(to ?? '', 10);
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}
