// Preloaded into the NocoBase process (node -r). It leads a process group of its own, which no terminal signal reaches:
// when the channel to the parent breaks, however the parent ended, the whole group has to go.
process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
process.channel?.unref();
