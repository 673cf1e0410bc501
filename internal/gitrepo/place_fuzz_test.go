package gitrepo

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDotGit: whatever an archive has in its work tree, it is not taken for a part of the repository
// beside it, whose work trees are elsewhere. A mark has one form. In the texts, $ is the directory of both.
func FuzzDotGit(f *testing.F) {
	root, err := filepath.EvalSymlinks(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	work, outer := filepath.Join(root, "work"), filepath.Join(root, "outer", ".git")
	is := map[string]string{}
	put := func(t testing.TB, name, text string) {
		if was, ok := is[name]; ok && was == text {
			return
		}
		is[name] = text
		name = filepath.Join(root, name)
		err := os.WriteFile(name, []byte(strings.ReplaceAll(text, "$", root)), 0o600)
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(strings.ReplaceAll(text, "$", root)), 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(f, "outer/.git/worktrees/fake/gitdir", "$/elsewhere/.git\n")
	put(f, "outer/.git/worktrees/fake/commondir", "../..\n")
	put(f, "outer/.git/modules/fake/config", "[core]\n\tworktree = ../../../fake\n")
	put(f, "elsewhere/.git", "gitdir: $/outer/.git/worktrees/fake\n")
	const mark = "AQEBAQEBAQEBAQEBAQEBAQ\n"
	for _, s := range [][4]string{
		{"gitdir: fake\n", "", "", "[core]\n\tworktree = ..\n"}, {"gitdir: $/outer/.git\n", "", "", ""}, {"gitdir: ../outer/.git/worktrees/fake", "", "", ""},
		{"gitdir: ../outer/.git/modules/fake\n", "", "", ""}, {"gitdir: fake\n", "../.git\n", "$/outer/.git\n", ""}, {"gitdir: $/work/fake\r\n", "$/work/.git", "../../outer/.git", ""},
		{"gitdir: fake", "$/work/.git", "..", ""}, {"gitdir: .", "", "", ""}, {"", "", "", ""}, {"gitdir: fake\n", "", "", "[Core]\nWorkTree = \"..\"\n[x]\nworktree=/\n"},
	} {
		f.Add(s[0], s[1], s[2], s[3], mark)
	}
	f.Fuzz(func(t *testing.T, dotgit, back, common, config, id string) {
		put(t, "work/.git", dotgit)
		put(t, "work/fake/gitdir", back)
		put(t, "work/fake/commondir", common)
		put(t, "work/fake/config", config)
		put(t, "work/fake/"+MarkFile, id)
		r, ok := Find(filepath.Join(work, "fake"))
		if !ok || r.Root != work {
			t.Fatalf("%+v, %v", r, ok)
		}
		if real, err := filepath.EvalSymlinks(r.Common); err != nil || real != work && !strings.HasPrefix(real, work+string(filepath.Separator)) || r.Within(Repository{Common: outer}) {
			t.Errorf("it belongs to %s, %v", r.Common, err)
		}
		if r.Unclaimed != (r.Common == filepath.Join(work, ".git")) {
			t.Errorf("%+v", r)
		}
		m, ok := ReadMark(filepath.Join(work, "fake"), func(fs.FileInfo) bool { return true })
		if has := strings.ReplaceAll(id, "$", root); ok && base64.RawStdEncoding.EncodeToString(m[:])+"\n" != has || ok && m == (Mark{}) || !ok && has == mark {
			t.Errorf("%q is the mark %x, %v", has, m, ok)
		}
	})
}
