/** @returns seconds of processor time that `work` takes: what else runs on the machine doesn't count */
export async function cpuSecsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
