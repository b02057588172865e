/** @returns seconds of processor time that `work` takes: what else runs on the machine doesn't count */
export async function cpuSecsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  return secsSince(before);
}

function secsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * How many times as long twice as much takes: some 2 when it is linear, 4 when it is quadratic. The best of several
 * tries, for what disturbs only adds.
 * @param workOn prepares work of a size
 */
export function growthOf(workOn: (size: number) => () => unknown, size = 20_000): number {
  const secsOf = (work: () => unknown): number => {
    const before = process.cpuUsage();
    work();
    return secsSince(before);
  };
  const least = (work: () => unknown): number => Math.min(...Array.from({ length: 3 }, () => secsOf(work)));
  return least(workOn(2 * size)) / Math.max(least(workOn(size)), 0.0005);
}
