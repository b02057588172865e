/** @returns seconds of processor time that `work` takes: what else runs on the machine doesn't count */
export function cpuSecsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
