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
 * How many times as long twice as much takes: some 2 when it is linear, 4 when it is quadratic. The least of several
 * tries: the collector of garbage makes some of them longer, and quadratic work is quadratic in each.
 * @param workOn prepares work of a size
 */
export function growthOf(workOn: (size: number) => () => unknown, size = 20_000): number {
  const [once, twice] = [workOn(size), workOn(2 * size)];
  const ratios = Array.from({ length: 4 }, () => leastSecsOf(twice) / Math.max(leastSecsOf(once), 0.0005));
  return Math.min(...ratios);
}

function leastSecsOf(work: () => unknown): number {
  const secs = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    work();
    return secsSince(before);
  });
  return Math.min(...secs);
}
