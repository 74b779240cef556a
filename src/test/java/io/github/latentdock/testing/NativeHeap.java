package io.github.latentdock.testing;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.springframework.test.util.ReflectionTestUtils;

/**
 * What native code has in use, told by those who hand it out. Resident memory would tell less: Java's heap is a part of it that
 * grows and shrinks as it likes, and a freed page may stay.
 */
public final class NativeHeap {

    /** {@code struct mallinfo2}: ten fields of {@code size_t}. */
    private static final MemoryLayout MALLINFO = MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);

    private static final int MAPPED = 4;
    private static final int IN_USE = 7;

    private NativeHeap() {}

    /** Bytes in use of the C library's heap, from which PyTorch and Java's direct buffers take their memory. */
    public static long bytes() {
        MethodHandle mallinfo2 = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("mallinfo2"),
                        FunctionDescriptor.of(MemoryLayout.structLayout(MALLINFO)));
        try (Arena arena = Arena.ofConfined()) {
            var info = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
            return info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED) + info.getAtIndex(ValueLayout.JAVA_LONG, IN_USE);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Arrays, modules and managers that DJL has not closed. */
    public static int resources() {
        try (NDManager base = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            return count(base.getParentManager()) - 1;
        }
    }

    private static int count(Object manager) {
        var resources = (Map<?, ?>) ReflectionTestUtils.getField(manager, BaseNDManager.class, "resources");
        int count = 0;
        for (Object resource : resources == null ? Map.of().values() : resources.values()) {
            count += 1 + (resource instanceof BaseNDManager child ? count(child) : 0);
        }
        return count;
    }
}
